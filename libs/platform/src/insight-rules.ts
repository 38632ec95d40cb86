import { createHash } from 'node:crypto';
import { FINDING_SEVERITIES, INSIGHT_LIMITS } from '@teko/contracts';
import { InvalidError, visibleText, type Finding, type Insight } from '@teko/domain';

const MIN_LENGTH = 3;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A fact is one line of what can be seen: nothing in it looks like the end of a prompt's part, or hides. */
export function oneLine(text: string): string {
  return visibleText(text).replace(CONTROL, ' ').replace(/\s+/g, ' ').trim();
}

/** Throws InvalidError by field. */
export function requireValidInsight({ text, path }: Pick<Insight, 'text' | 'path'>): void {
  const errors: Record<string, string> = {};
  if (text.length < MIN_LENGTH) errors.text = `must have at least ${MIN_LENGTH} characters that can be seen`;
  if (text.length > INSIGHT_LIMITS.text)
    errors.text = `must have at most ${INSIGHT_LIMITS.text} characters; say it shorter, or as several facts`;
  if (path !== null && path.length > INSIGHT_LIMITS.path)
    errors.path = `must have at most ${INSIGHT_LIMITS.path} characters`;
  if (Object.keys(errors).length > 0) throw new InvalidError(errors);
}

/** Facts are the same that say the same of the same file; of reviews a file has one, which is about the last. */
export function fingerprintOf({ source, text, path }: Pick<Insight, 'source' | 'text' | 'path'>): string {
  const same = source === 'review' && path !== null ? ['review', path] : ['fact', path, text.toLowerCase()];
  return createHash('sha256').update(JSON.stringify(same)).digest('hex');
}

/** What a review found in one file, the worst first, as much as fits into one fact. */
export function reviewText(changeNumber: number, findings: Finding[]): string {
  const rank = ({ severity }: Finding) => -FINDING_SEVERITIES.indexOf(severity);
  const said = [...findings]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ severity, title, startLine }) => `${oneLine(title)} (${severity}, line ${startLine})`);
  let text = `The review of change ${changeNumber} found: ${said[0]!}`.slice(0, INSIGHT_LIMITS.text);
  for (const one of said.slice(1)) if (text.length + one.length + 2 <= INSIGHT_LIMITS.text) text += `; ${one}`;
  return text;
}
