import type { SandboxSession, SearchHit } from '@teko/domain';
import { z } from 'zod';
import { pathSchema, shownPath } from './paths';
import { decodeText, shownText } from './text-file';
import { defineTool } from './tool';

const MAX_BYTES = 2 * 1024 * 1024;

export const searchCode = defineTool({
  name: 'search_code',
  description:
    'Finds code by what it does. Describe it in words, with the names and paths that you know. Returns the best matching lines with file, line numbers and the reason for the match. To find an exact text, use find_text.',
  input: z.object({
    query: z.string().min(1).max(4000).describe('What you are looking for, as a question or as keywords'),
    path: pathSchema().optional().describe('Search only below this folder or file'),
    limit: z.int().min(1).max(20).default(8),
  }),
  async run({ query, path, limit }, { session, codeSearch }) {
    const { hits, notice } = await codeSearch.search(query, { path, limit });
    const shownHits: string[] = [];
    for (const hit of hits) {
      const shown = await currentText(hit, session);
      if (shown) shownHits.push(shown);
    }
    const nothing = 'Nothing found. The code may not be indexed yet; use find_text or list_files.';
    return { content: [notice, ...(shownHits.length > 0 ? shownHits : [nothing])].filter(Boolean).join('\n\n') };
  },
});

/** Returns the hit with its current line numbers in the workspace, or null if its file no longer exists. */
async function currentText(hit: SearchHit, session: SandboxSession): Promise<string | null> {
  const { path, symbol, reasons } = hit;
  const file = await session.readFile(path, { maxBytes: MAX_BYTES }).catch(() => null);
  if (file === null) return null;
  const about = [symbol, reasons.map(({ kind, detail }) => `${kind}: ${detail}`).join('; ')]
    .filter(Boolean)
    .join(' | ');
  const indexed = hit.snippet.replaceAll('\r\n', '\n').replace(/\n…$/, '').split('\n');
  const text = shownText(decodeText(file.content)?.text ?? '');
  const start = findLines(indexed, text.replaceAll('\r\n', '\n').split('\n'), hit.startLine - 1);
  if (start === null) return `${shownPath(path)} | ${about}\n[changed since it was indexed; read the file]`;
  const end = start + hit.endLine - hit.startLine + 1;
  const lines = indexed.map((line, i) => `${start + 1 + i}\t${line}`);
  const left = end - start - indexed.length;
  return [
    `${shownPath(path)}:${start + 1}-${end} | ${about}`,
    ...lines,
    ...(left > 0 ? [`[${left} more lines]`] : []),
  ].join('\n');
}

/** Returns the zero-based index of the lines: `expected` if they are there, else their first occurrence, or null. */
function findLines(wanted: string[], lines: string[], expected: number): number | null {
  const isAt = (at: number) => wanted.every((line, i) => lines[at + i] === line);
  if (isAt(expected)) return expected;
  for (let at = 0; at + wanted.length <= lines.length; at++) if (isAt(at)) return at;
  return null;
}
