import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { git, type Setting } from './git';

export interface CommitContent {
  message: string;
  /** Date of author and committer, ISO 8601. */
  date: string;
  /** Text by path; null removes the file. */
  files: Record<string, string | null>;
}

/** Creates a repository with a working tree at `path`, which is replaced if it exists. Branch `main` contains `commits` in order. */
export async function createRepository(
  path: string,
  commits: CommitContent[],
  author: { name: string; email: string },
): Promise<void> {
  const settings: Setting[] = [
    ['user.name', author.name],
    ['user.email', author.email],
  ];
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await git(['init', '--quiet', '--initial-branch=main'], { cwd: path });
  for (const { message, date, files } of commits) {
    for (const [file, content] of Object.entries(files)) await writeOrRemove(join(path, file), content);
    await git(['add', '--all'], { cwd: path });
    await git(['commit', '--quiet', '--message', message], { cwd: path, settings, date });
  }
}

async function writeOrRemove(file: string, content: string | null): Promise<void> {
  if (content === null) return rm(file);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
