/** Returns the environment variables with which npm reaches its registry. */
export function npmEnvironment(): Record<string, string> {
  const names = /^(npm_config_registry|https?_proxy|no_proxy|node_extra_ca_certs)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name))) as Record<string, string>;
}
