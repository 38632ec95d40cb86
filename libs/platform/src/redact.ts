const TOKEN_SHAPES = [
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
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
  ]);
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => {
    const plain = ordered.reduce((out, form) => out.replaceAll(form, '[redacted]'), text);
    return TOKEN_SHAPES.reduce((out, shape) => out.replace(shape, '[redacted]'), plain);
  };
}
