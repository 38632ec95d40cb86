import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { GitMirrors, TreeEntry } from '@teko/domain';

const MAX_FILES = 20_000;
const MAX_BYTES = 512 * 1024;
const EXCLUDED = new Set(['.git', 'node_modules', '__pycache__', 'dist', 'lib.commonjs', 'lib.esm', '.teko', '.nx']);

/** The files of one code base by path. */
export type CodeBase = Map<string, string>;

/** Reads folders of a root as one code base. */
export function readCodeBase(root: string, folders: string[] = ['.']): CodeBase {
  const files: CodeBase = new Map();
  for (const folder of folders) {
    for (const path of pathsIn(join(root, folder))) {
      if (files.size >= MAX_FILES) return files;
      if (statSync(path).size > MAX_BYTES) continue;
      const content = readFileSync(path);
      if (!content.includes(0)) files.set(relative(root, path), content.toString('utf8'));
    }
  }
  return files;
}

function pathsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return EXCLUDED.has(entry.name) ? [] : pathsIn(path);
      return entry.isFile() ? [path] : [];
    });
}

/** Presents a code base as a git mirror in which every commit has the same files. */
export function mirrorOf(files: CodeBase): Pick<GitMirrors, 'tree' | 'blobs'> {
  const contents = new Map<string, Buffer>();
  const entries: TreeEntry[] = [...files].map(([path, text]) => {
    const content = Buffer.from(text);
    const blob = createHash('sha1').update(content).digest('hex');
    contents.set(blob, content);
    return { path, mode: '100644', blob, bytes: content.length };
  });
  return {
    tree: () => Promise.resolve(entries),
    blobs: (_repositoryId, blobs) => Promise.resolve(new Map(blobs.map((blob) => [blob, contents.get(blob)!]))),
  };
}
