import { isReservedName, type TreeEntry } from '@teko/domain';

const LINK = '120000';
const FILE = /^100/;
const MAX_STEPS = 1_000;
const MAX_LINKS = 40;

/** Where a symbolic link leads: to a file or folder in the tree, to nothing, or out of the tree or into `.git`. */
export type LinkEnd = 'inside' | 'missing' | 'outside';

/** Resolves the symbolic links of a tree as a file system does, but only within the tree. */
export class Links {
  private readonly modes: Map<string, string>;
  private readonly targets = new Map<string, string>();
  private readonly folders = new Set<string>(['']);

  constructor(entries: TreeEntry[], contents: Map<string, Buffer>) {
    this.modes = new Map(entries.map(({ path, mode }) => [path, mode]));
    for (const { path, mode, blob } of entries) {
      if (mode === LINK) this.targets.set(path, contents.get(blob)?.toString() ?? '/');
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
        const folder = path.slice(0, at);
        if (this.folders.has(folder)) break;
        this.folders.add(folder);
      }
    }
  }

  endOf(path: string): LinkEnd {
    const at: string[] = [];
    const rest = path.split('/');
    let links = 0;
    for (let step = 0; rest.length > 0; step++) {
      if (step === MAX_STEPS) return 'outside';
      const name = rest.shift()!;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (at.length === 0) return 'outside';
        at.pop();
        continue;
      }
      if (isReservedName(name)) return 'outside';
      at.push(name);
      const current = at.join('/');
      const target = this.targets.get(current);
      if (target !== undefined) {
        if (++links > MAX_LINKS) return 'missing';
        if (!isPlain(target)) return 'outside';
        at.pop();
        rest.unshift(...target.split('/'));
      } else if (!this.folders.has(current)) {
        // Below a file or a submodule there is nothing, but the rest can still lead out.
        if (!FILE.test(this.modes.get(current) ?? '') || rest.some(Boolean))
          return leadsOut(at, rest) ? 'outside' : 'missing';
        return 'inside';
      }
    }
    return 'inside';
  }
}

/** Whether a target is relative on every system, and short. */
function isPlain(target: string): boolean {
  return target !== '' && target.length <= 4_096 && !/^\/|[\\\0]|^[a-z]:/i.test(target);
}

/** Whether the rest of a path would leave the tree if all folders in it existed, or names the folder `.git`. */
function leadsOut(at: string[], rest: string[]): boolean {
  let depth = at.length;
  for (const name of rest) {
    if (name === '' || name === '.') continue;
    if (name === '..') depth -= 1;
    else if (isReservedName(name)) return true;
    else depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
