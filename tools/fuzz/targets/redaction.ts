import { redactor } from '@teko/platform';
import { mutate, oddText } from '../mutate';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';

const SECRETS = ['sesame-9f3c1e77a0b4', 'pass/word+with=odd&characters', 'x'.repeat(5) + 'Zq81-2Lk'];
const FORMS: ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => Buffer.from(secret).toString('base64'),
  (secret) => Buffer.from(secret).toString('base64url'),
  (secret) => Buffer.from(secret).toString('hex'),
  (secret) => encodeURIComponent(secret),
  (secret) => JSON.stringify(secret),
  (secret) => [...secret].reverse().join(''),
  (secret) => [...secret].join(' '),
  (secret) => secret.toUpperCase(),
];
const redact = redactor(SECRETS);

function piece(random: Random): string {
  if (random.chance(0.3)) return random.pick(FORMS)(random.pick(SECRETS));
  if (random.chance(0.1)) return random.bytes(random.size(400)).toString('base64');
  if (random.chance(0.02))
    return random
      .pick(['A', ' ', '-----BEGIN PRIVATE KEY-----', '=', 'ab', '%41', '\\u0041'])
      .repeat(random.size(20_000));
  return oddText(random);
}

/** Output of commands with secrets in it: none stays readable, in time. */
export const redaction: FuzzTarget = {
  name: 'redaction',
  maxMs: 3_000,
  generate: (random) =>
    mutate(Buffer.from(random.list(40, () => piece(random)).join(random.pick(['', ' ', '\n']))), random),
  check(input) {
    const text = redact(input.toString());
    for (const secret of SECRETS)
      for (const form of FORMS) if (text.includes(form(secret))) throw new Error(`${form(secret)} is shown`);
  },
};
