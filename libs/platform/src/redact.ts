import { TOKEN_SHAPES } from './token-shapes';

/** Wider than what a token is like: of what is shown, rather too much is hidden. */
const HIDDEN_SHAPES = [
  TOKEN_SHAPES,
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bteko_[A-Za-z0-9_-]{20,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
];

/** Makes a function that hides the given secrets, and whatever has the shape of a token, in text. */
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
    return HIDDEN_SHAPES.reduce((out, shape) => out.replace(shape, '[redacted]'), plain);
  };
}

/** A secret in base64: whole, and as it looks within a longer text, where it begins at any of three places. */
function base64Forms(secret: string): string[] {
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const end = Math.floor((text.length * 8) / 6);
    return text.toString('base64').slice(Math.ceil((before * 8) / 6), end);
  });
  const whole = Buffer.from(secret).toString('base64');
  return [whole, ...inside].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
