import type { Insight } from '@teko/domain';
import { oneLine } from '@teko/platform';

const MAX_INSIGHTS = 20;
const MAX_INSIGHT_CHARACTERS = 4_000;
const DAY_MS = 86_400_000;

/** Returns one line per insight, as many as fit into the limits. */
export function insightLines(insights: Insight[], now: Date): string {
  const lines: string[] = [];
  let remaining = MAX_INSIGHT_CHARACTERS;
  for (const { kind, text, path, source, author, pinned, updatedAt } of insights.slice(0, MAX_INSIGHTS)) {
    const by = source === 'user' ? author : `${author.toLowerCase()}${source === 'review' ? ', a review' : ''}`;
    const details = [kind.replace('_', ' '), `by ${by}`, age(updatedAt, now), ...(pinned ? ['pinned'] : [])].join(', ');
    const line = oneLine(`- ${text} (${details}${path ? `, about ${path}` : ''})`);
    if (line.length > remaining) continue;
    remaining -= line.length + 1;
    lines.push(line);
  }
  return lines.join('\n');
}

function age(from: Date, now: Date): string {
  const days = Math.floor((now.getTime() - from.getTime()) / DAY_MS);
  return days < 1 ? 'today' : days === 1 ? '1 day old' : `${days} days old`;
}
