import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { readCodeBase, type CodeBase } from './code-base';
import type { Question } from './questions';

const issueList = z.array(
  z.object({
    title: z.string().min(1),
    body: z.string(),
    /** Folder with the code, relative to the list. */
    root: z.string().min(1),
    /** Files that were changed to solve the issue, relative to the root. */
    files: z.array(z.string().min(1)).min(1),
  }),
);

export interface Tracked {
  root: string;
  files: CodeBase;
  questions: Question[];
}

/** Reads issues with known answers from a JSON list of `{ title, body, root, files }`. Throws if a file does not exist. */
export function trackedIssues(list: string): Tracked[] {
  const issues = issueList.parse(JSON.parse(readFileSync(list, 'utf8')));
  return [...new Set(issues.map(({ root }) => root))].map((root) => {
    const files = readCodeBase(resolve(dirname(list), root));
    const questions = issues
      .filter((issue) => issue.root === root)
      .map(({ title, body, files: paths }) => ({ text: `${title}\n\n${body}`, paths, lines: null }));
    for (const path of questions.flatMap(({ paths }) => paths))
      if (!files.has(path)) throw new Error(`${list} names ${path}, which is not in ${root}`);
    return { root, files, questions };
  });
}
