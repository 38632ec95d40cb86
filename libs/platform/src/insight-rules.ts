import { createHash } from 'node:crypto';
import { FINDING_SEVERITIES, INSIGHT_LIMITS } from '@teko/contracts';
import { InvalidError, visibleText, type Finding, type Insight } from '@teko/domain';

const MIN_LENGTH = 3;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Returns the visible text on a single line. Nothing in it is hidden or can imitate a delimiter of a prompt. */
export function oneLine(text: string): string {
  return visibleText(text).replace(CONTROL, ' ').replace(/\s+/g, ' ').trim();
}

/** Throws InvalidError with the invalid fields. */
export function requireValidInsight({ text, path }: Pick<Insight, 'text' | 'path'>): void {
  const errors: Record<string, string> = {};
  if (text.length < MIN_LENGTH) errors.text = `must have at least ${MIN_LENGTH} visible characters`;
  if (text.length > INSIGHT_LIMITS.text)
    errors.text = `must have at most ${INSIGHT_LIMITS.text} characters; shorten it or split it into several insights`;
  if (path !== null && path.length > INSIGHT_LIMITS.path)
    errors.path = `must have at most ${INSIGHT_LIMITS.path} characters`;
  if (Object.keys(errors).length > 0) throw new InvalidError(errors);
}

/** Insights with the same text about the same file are duplicates. A file has one insight from reviews: that of the last one. */
export function fingerprintOf({ source, text, path }: Pick<Insight, 'source' | 'text' | 'path'>): string {
  const identity = source === 'review' && path !== null ? ['review', path] : ['fact', path, text.toLowerCase()];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}

/** Summarizes the findings of a review in one file, the most severe first, as far as they fit into one insight. */
export function reviewText(changeNumber: number, findings: Finding[]): string {
  const rank = ({ severity }: Finding) => -FINDING_SEVERITIES.indexOf(severity);
  const summaries = [...findings]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ severity, title, startLine }) => `${oneLine(title)} (${severity}, line ${startLine})`);
  let text = `The review of change ${changeNumber} found: ${summaries[0]!}`.slice(0, INSIGHT_LIMITS.text);
  for (const summary of summaries.slice(1))
    if (text.length + summary.length + 2 <= INSIGHT_LIMITS.text) text += `; ${summary}`;
  return text;
}
