import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { readCodeBase, type CodeBase } from './code-base';
import type { Asked } from './questions';

const listed = z.array(
  z.object({
    title: z.string().min(1),
    body: z.string(),
    /** Folder with the code that the issue is about, from the place of the list. */
    root: z.string().min(1),
    /** What was changed to solve it, below the root. */
    files: z.array(z.string().min(1)).min(1),
  }),
);

export interface Tracked {
  root: string;
  files: CodeBase;
  questions: Asked[];
}

/** Issues of a tracker whose answers somebody wrote down: a JSON file of `{ title, body, root, files }`. Refuses answers that are not there. */
export function trackedIssues(list: string): Tracked[] {
  const issues = listed.parse(JSON.parse(readFileSync(list, 'utf8')));
  return [...new Set(issues.map(({ root }) => root))].map((root) => {
    const files = readCodeBase(resolve(dirname(list), root));
    const questions = issues
      .filter((issue) => issue.root === root)
      .map(({ title, body, files: paths }) => ({ text: `${title}\n\n${body}`, paths, lines: null }));
    for (const path of questions.flatMap(({ paths }) => paths))
      if (!files.has(path)) throw new Error(`${list} names ${path}, which is not below ${root}`);
    return { root, files, questions };
  });
}
