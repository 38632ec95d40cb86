import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCodeBase, type CodeBase } from './code-base';
import { questionOfPatch, questionsOfPatches } from './patches';
import type { Question } from './questions';

const MAX_COMMITS = 40;

/** A code base and its changes. Commit messages are the questions, and the changed files are the answers. */
export interface History {
  name: string;
  files: CodeBase;
  questions: Question[];
}

/** Returns the last commits of a git repository, with the files before the first of them; null if there are too few. */
export function historyOfGit(name: string, folder: string): History | null {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      maxBuffer: 512 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const commits = git('log', '--no-merges', '--format=%H', `-${MAX_COMMITS}`, 'HEAD').split('\n').filter(Boolean);
  if (commits.length < MAX_COMMITS) return null;
  const base = `${commits.at(-1)!}`;
  const files: CodeBase = new Map();
  for (const path of git('ls-tree', '-r', '-z', '--name-only', base).split('\0').filter(Boolean)) {
    const text = git('show', `${base}:${path}`);
    if (!text.includes('\0')) files.set(path, text);
  }
  const questions = commits.slice(0, -1).flatMap((commit) => {
    const question = questionOfPatch(
      git('show', '--format=%B', '--no-renames', '--src-prefix=a/', '--dst-prefix=b/', commit),
      files,
    );
    return question ? [question] : [];
  });
  return { name, files, questions };
}

/** Reads unpacked source packages with patches: `<name>/tree` and `<name>/patches`, or `debian/patches` in the tree. */
export function historiesOfPatches(folder: string): History[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const tree = existsSync(join(folder, name, 'tree')) ? join(folder, name, 'tree') : join(folder, name);
      const patches = [join(folder, name, 'patches'), join(tree, 'debian', 'patches')].find((one) => existsSync(one));
      if (!patches) return [];
      const files = readCodeBase(tree);
      for (const path of files.keys()) if (path.startsWith('debian/')) files.delete(path);
      return [{ name, files, questions: questionsOfPatches(files, patches) }];
    });
}
