import { shownPath } from './tools/paths';

const HEADER = /^(?:diff --git |--- |\+\+\+ |(?:rename|copy) (?:from|to) |Binary files )/;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;
const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;
const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' };

/** Returns the patch with the names of files as the tools accept them: git quotes names with special characters. */
export function readablePatch(patch: string): string {
  let [before, after] = [0, 0];
  return patch
    .split('\n')
    .map((line) => {
      // Inside of a hunk every line is a part of a file.
      if (before > 0 || after > 0) {
        if (line[0] !== '+' && line[0] !== '\\') before--;
        if (line[0] !== '-' && line[0] !== '\\') after--;
        return line;
      }
      const hunk = HUNK.exec(line);
      if (hunk) [before, after] = [Number(hunk[1] ?? 1), Number(hunk[2] ?? 1)];
      return HEADER.test(line) ? line.replace(QUOTED, (_, name: string) => shownPath(unquoted(name))) : line;
    })
    .join('\n');
}

/** Decodes a name that git quoted like a string of C. */
function unquoted(name: string): string {
  const bytes = [...name.matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)].map(([, octal, escaped, plain]) =>
    octal ? Buffer.from([Number.parseInt(octal, 8)]) : Buffer.from(plain ?? ESCAPES[escaped!] ?? escaped!),
  );
  return Buffer.concat(bytes).toString();
}
