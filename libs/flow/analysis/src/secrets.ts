import { secretsIn } from '@teko/platform';

/* Detects content that must never be stored, quoted or sent to a model: files that usually contain credentials, and text that contains one. */

const any = (flags: string, ...patterns: RegExp[]) =>
  new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'), flags);

const SECRET_NAME = any(
  'i',
  // `.env`, `.env.local`, `prod.env`, but not examples and templates
  /(?:^|\/)\.env(?:rc|\.(?![^/]*(?:example|sample|dist|template|defaults?|schema)$)[^/]*)?$/,
  /(?:^|\/)(?!(?:example|sample|template|defaults?)\.)[^/.]+\.env$/,
  /\.(?:pem|key|p8|p12|pfx|pkcs12|jks|jceks|bks|keystore|truststore|kdbx?|ppk|agekey|ovpn)$/,
  /\.(?:tfstate(?:\.backup)?|tfvars(?:\.json)?)$/,
  /(?:^|\/)(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|ssh_host_\w+_key)$/,
  /(?:^|\/)(?:[._]netrc|\.pgpass|\.my\.cnf|\.mylogin\.cnf|\.htpasswd|\.git-credentials|\.dockercfg|\.s3cfg|\.boto)$/,
  /(?:^|\/)(?:\.docker\/config\.json|\.kube\/config|(?:[^/]+\.)?kubeconfig(?:\.ya?ml)?|\.(?:bash|zsh|mysql|psql)_history)$/,
  /(?:^|\/)\.?(?:credentials(?:\.(?:json|ya?ml|ini|toml|xml|csv|txt|yml\.enc))?|secrets?\.(?:json|ya?ml|ini|toml|txt|enc))$/,
  /(?:^|\/)(?:client[-_]secrets?|[^/]*service[-_]?account)(?:[-_.][^/]*)?\.json$/,
);

/** Settings of package managers, which are secret only if they contain a password or token. */
const REGISTRY_SETTINGS = /(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pypirc|pip\.conf|auth\.json)$/i;
const REGISTRY_TOKEN = any(
  'i',
  /(?:_authToken|_auth|password|npmAuth(?:Token|Ident)|"(?:username|token|github\.com)")"?[ \t]*[=:][ \t]*(?!["']?\$)\S/,
  /:\/\/[^/\s:@$]{1,100}:[^/\s@$]{1,100}@/,
);

/** Returns true if files with this name usually contain a credential. */
export const isSecretName = (path: string): boolean => SECRET_NAME.test(path);

/** Returns true if a text contains a private key or a token. Placeholders in documentation do not count. */
export function containsSecret(path: string, text: string): boolean {
  if (REGISTRY_SETTINGS.test(path) && REGISTRY_TOKEN.test(text)) return true;
  return secretsIn(text).length > 0;
}
