import type { SandboxSession, SearchHit } from '@teko/domain';
import { z } from 'zod';
import { defineTool } from './tool';

const MAX_BYTES = 2 * 1024 * 1024;

export const searchCode = defineTool({
  name: 'search_code',
  description:
    'Finds code by what it does: ask in words, with the names and paths you know. Answers the lines that fit best, with file, line numbers and why. For an exact text use find_text.',
  input: z.object({
    query: z.string().min(1).max(4000).describe('What you look for, as a question or in keywords'),
    path: z.string().max(500).optional().describe('Only below this folder or file'),
    limit: z.int().min(1).max(20).default(8),
  }),
  async run({ query, path, limit }, { session, code }) {
    const { hits, notice } = await code.search(query, { path, limit });
    const found: string[] = [];
    for (const hit of hits) {
      const shown = await asItIsNow(hit, session);
      if (shown) found.push(shown);
    }
    const nothing = 'Nothing found: the code may not be indexed yet. Use find_text or list_files.';
    return { content: [notice, ...(found.length > 0 ? found : [nothing])].filter(Boolean).join('\n\n') };
  },
});

/** The hit with the lines that the workspace has for it by now; null where its file is gone. */
async function asItIsNow(hit: SearchHit, session: SandboxSession): Promise<string | null> {
  const { path, symbol, why } = hit;
  const content = await session.readFile(path, { maxBytes: MAX_BYTES }).catch(() => null);
  if (content === null) return null;
  const about = [symbol, why.map(({ kind, detail }) => `${kind}: ${detail}`).join('; ')].filter(Boolean).join(' | ');
  const wanted = hit.snippet.replace(/\n…$/, '').split('\n');
  const start = placeOf(wanted, content.toString('utf8').split('\n'), hit.startLine - 1);
  if (start === null) return `${path} | ${about}\n[changed since it was indexed: read it]`;
  const end = start + hit.endLine - hit.startLine + 1;
  const lines = wanted.map((line, i) => `${start + 1 + i}\t${line}`);
  const left = end - start - wanted.length;
  return [`${path}:${start + 1}-${end} | ${about}`, ...lines, ...(left > 0 ? [`[${left} more lines]`] : [])].join('\n');
}

/** Where the lines stand, from 0: at `expected`, else where they have moved to; null where they are not. */
function placeOf(wanted: string[], lines: string[], expected: number): number | null {
  const isAt = (at: number) => wanted.every((line, i) => lines[at + i] === line);
  if (isAt(expected)) return expected;
  for (let at = 0; at + wanted.length <= lines.length; at++) if (isAt(at)) return at;
  return null;
}
