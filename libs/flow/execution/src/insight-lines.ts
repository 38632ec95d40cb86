import type { Insight } from '@teko/domain';
import { oneLine } from '@teko/platform';

const MAX_INSIGHTS = 20;
const MAX_INSIGHT_CHARACTERS = 4_000;
const DAY_MS = 86_400_000;

/** One line a fact, as many as fit. */
export function insightLines(facts: Insight[], now: Date): string {
  const lines: string[] = [];
  let left = MAX_INSIGHT_CHARACTERS;
  for (const { kind, text, path, source, author, pinned, updatedAt } of facts.slice(0, MAX_INSIGHTS)) {
    const by = source === 'user' ? author : `${author.toLowerCase()}${source === 'review' ? ', a review' : ''}`;
    const about = [kind.replace('_', ' '), `by ${by}`, age(updatedAt, now), ...(pinned ? ['pinned'] : [])].join(', ');
    const line = oneLine(`- ${text} (${about}${path ? `, about ${path}` : ''})`);
    if (line.length > left) continue;
    left -= line.length + 1;
    lines.push(line);
  }
  return lines.join('\n');
}

function age(from: Date, now: Date): string {
  const days = Math.floor((now.getTime() - from.getTime()) / DAY_MS);
  return days < 1 ? 'today' : days === 1 ? 'a day old' : `${days} days old`;
}
