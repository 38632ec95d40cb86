import { TOKEN_PATTERN } from './token-pattern';

/** Broader than TOKEN_PATTERN: in output, false positives are better than leaks. */
const HIDDEN_PATTERNS = [
  TOKEN_PATTERN,
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bteko_[A-Za-z0-9_-]{20,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
];

/** Returns a function that replaces the given secrets, their common encodings and anything that looks like a token. */
export function redactor(secrets: (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret): secret is string => Boolean(secret && secret.length >= 6));
  const forms = known.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
    JSON.stringify(secret).slice(1, -1),
    ...base64Forms(secret),
  ]);
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => {
    const plain = ordered.reduce((out, form) => out.replaceAll(form, '[redacted]'), text);
    return HIDDEN_PATTERNS.reduce((out, pattern) => out.replace(pattern, '[redacted]'), plain);
  };
}

/** The base64 forms of a secret: on its own, and inside a longer text at each of the three possible alignments. */
function base64Forms(secret: string): string[] {
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const end = Math.floor((text.length * 8) / 6);
    return text.toString('base64').slice(Math.ceil((before * 8) / 6), end);
  });
  const whole = Buffer.from(secret).toString('base64');
  return [whole, ...inside].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
