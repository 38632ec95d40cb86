/** The complete environment of commands in the sandbox. Nothing is inherited from the host. */
export const SANDBOX_ENV: Record<string, string> & { PATH: string } = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  HOME: '/tmp/home',
  LANG: 'C.UTF-8',
  TMPDIR: '/tmp',
  CI: '1',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
};
