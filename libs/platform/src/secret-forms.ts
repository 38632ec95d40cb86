const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Parts of a secret that are searched in dumps, whose lines have 16 bytes: each whole line contains one of them. */
const PART_BYTES = 12;
const PART_STEP = 4;
/** Longer secrets, such as private keys, are searched in fewer forms. */
const MAX_LENGTH = 200;

/** Returns the secret in the encodings in which a command is likely to print it, as text in which only letters and digits matter. */
export function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const common = [secret, JSON.stringify(secret), ...base64Forms(bytes)];
  const forms = secret.length > MAX_LENGTH ? common : [...common, ...rareForms(secret, bytes)];
  return [...new Set([...forms, ...forms.map(reversed), ...(secret.length > MAX_LENGTH ? [] : numberForms(bytes))])];
}

function rareForms(secret: string, bytes: Buffer): string[] {
  return [
    rot13(secret),
    encodeURIComponent(secret.replace(/\p{Cs}/gu, '')),
    unicodeEscaped(secret),
    ...htmlForms(secret),
    ...base64Forms(Buffer.from(secret, 'utf16le')),
    ...base32Forms(bytes),
    bytes.toString('hex'),
  ];
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}

function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const start = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(start + ((letter.charCodeAt(0) - start + 13) % 26));
  });
}

function unicodeEscaped(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function htmlForms(text: string): string[] {
  const names: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
  const all = /[^A-Za-z0-9]/g;
  return [
    text.replace(/[&<>"']/g, (one) => `&${names[one]};`),
    text.replace(/[&<>"']/g, (one) => (one === "'" ? '&apos;' : `&${names[one]};`)),
    text.replace(all, (one) => `&#${one.charCodeAt(0)};`),
    text.replace(all, (one) => `&#x${one.charCodeAt(0).toString(16)};`),
  ];
}

/** The base64 forms: on its own, and inside a longer text at each of the three possible alignments. */
function base64Forms(bytes: Buffer): string[] {
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]);
    return text.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((text.length * 8) / 6));
  });
  return [bytes.toString('base64'), ...inside].flatMap((form) => [
    form,
    form.replaceAll('+', '-').replaceAll('/', '_'),
  ]);
}

/** The base32 forms: on its own, and inside a longer text at each of the five possible alignments. */
function base32Forms(bytes: Buffer): string[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const characters = (groups: string[] | null) =>
    (groups ?? []).map((group) => BASE32[Number.parseInt(group, 2)]).join('');
  const whole = bits.padEnd(Math.ceil(bits.length / 5) * 5, '0');
  return [
    characters(whole.match(/.{5}/g)),
    ...[0, 1, 2, 3, 4].map((skipped) => characters(bits.slice(skipped).match(/.{5}/g))),
  ];
}

/** The bytes as hexadecimal, octal and decimal numbers with the common prefixes, and the parts of a dump. */
function numberForms(bytes: Buffer): string[] {
  const hex = bytes.toString('hex').match(/../g)!;
  const parts = hex.flatMap((_, at) => (at % PART_STEP === 0 ? [hex.slice(at, at + PART_BYTES)] : []));
  return [
    ...parts.filter((part) => part.length === PART_BYTES).map((part) => part.join('')),
    ...['x', '0x', 'u00'].map((prefix) => hex.map((byte) => prefix + byte).join('')),
    [...bytes].map((byte) => byte.toString(8).padStart(3, '0')).join(''),
    [...bytes].join(''),
  ];
}
