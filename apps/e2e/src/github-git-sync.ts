import type { EmulatorBackend } from './github-emulator-backend';
import type { BareRepositories } from './github-repositories';
import { git } from './github-repositories';

interface GitObject {
  type: string;
  content: Buffer;
}

/** Copies git objects and branches from the bare repositories to the emulator backend, so that both have the same commits. */
export class GitSync {
  private readonly known = new Map<string, Set<string>>();

  constructor(
    private readonly repositories: BareRepositories,
    private readonly backend: EmulatorBackend,
  ) {}

  /** Copies the commits with all objects they reference. Throws if the backend computes another hash than git. */
  async copyCommits(name: string, heads: string[]): Promise<void> {
    const known = this.known.get(name) ?? new Set<string>();
    this.known.set(name, known);
    const fresh = heads.filter((head) => !known.has(head));
    if (fresh.length === 0) return;
    const path = this.repositories.path(name);
    const listed = await git(path, ['rev-list', '--objects', '--reverse', '--topo-order', ...fresh]);
    const shas = listed.text.split('\n').map((line) => line.slice(0, 40));
    const missing = shas.filter((sha) => !known.has(sha));
    const objects = parseBatch((await git(path, ['cat-file', '--batch'], { input: `${missing.join('\n')}\n` })).output);
    for (const kind of ['blob', 'tree', 'commit']) {
      for (const [sha, object] of objects) if (object.type === kind) await this.copyObject(name, sha, objects, known);
    }
  }

  /** Creates, moves or (if `commit` is null) deletes a branch in the backend. */
  async setBranch(name: string, branch: string, commit: string | null): Promise<void> {
    const [owner, repo] = splitName(name);
    const { git: api } = this.backend.admin(name).rest;
    const ref = `heads/${branch}`;
    if (commit) await this.copyCommits(name, [commit]);
    if (!commit) return void (await api.deleteRef({ owner, repo, ref }));
    const exists = await api.listMatchingRefs({ owner, repo, ref });
    if (exists.data.some((one) => one.ref === `refs/${ref}`)) {
      await api.updateRef({ owner, repo, ref, sha: commit, force: true });
    } else {
      await api.createRef({ owner, repo, ref: `refs/${ref}`, sha: commit });
    }
  }

  private async copyObject(
    name: string,
    sha: string,
    objects: Map<string, GitObject>,
    known: Set<string>,
  ): Promise<void> {
    const object = objects.get(sha);
    if (!object || known.has(sha)) return;
    known.add(sha);
    if (object.type === 'tree') {
      for (const entry of parseTree(object.content)) await this.copyObject(name, entry.sha, objects, known);
    }
    const created = await this.createObject(name, object);
    if (created !== sha) throw new Error(`The backend computes ${created} for ${object.type} ${sha} in ${name}.`);
  }

  private async createObject(name: string, { type, content }: GitObject): Promise<string> {
    const [owner, repo] = splitName(name);
    const { git: api } = this.backend.admin(name).rest;
    if (type === 'blob') {
      return (await api.createBlob({ owner, repo, content: content.toString('base64'), encoding: 'base64' })).data.sha;
    }
    if (type === 'tree') return (await api.createTree({ owner, repo, tree: parseTree(content) })).data.sha;
    return (await api.createCommit({ owner, repo, ...parseCommit(content.toString()) })).data.sha;
  }
}

/** Splits `owner/name`. */
export function splitName(name: string): [owner: string, repo: string] {
  const [owner = '', repo = ''] = name.split('/');
  return [owner, repo];
}

function parseBatch(output: Buffer): Map<string, GitObject> {
  const objects = new Map<string, GitObject>();
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\n', at);
    const [sha = '', type = '', size] = output.subarray(at, end).toString().split(' ');
    const length = Number(size);
    objects.set(sha, { type, content: output.subarray(end + 1, end + 1 + length) });
    at = end + length + 2;
  }
  return objects;
}

type TreeMode = '100644' | '100755' | '040000' | '160000' | '120000';

function parseTree(content: Buffer) {
  const entries = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(' ', at);
    const zero = content.indexOf(0, space);
    const mode = content.subarray(at, space).toString().padStart(6, '0') as TreeMode;
    const type = mode === '040000' ? ('tree' as const) : mode === '160000' ? ('commit' as const) : ('blob' as const);
    const path = content.subarray(space + 1, zero).toString();
    entries.push({ mode, type, path, sha: content.subarray(zero + 1, zero + 21).toString('hex') });
    at = zero + 21;
  }
  return entries;
}

function parseCommit(content: string) {
  const end = content.indexOf('\n\n');
  const lines = content.slice(0, end).split('\n');
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return {
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: parseIdentity(all('author')[0] ?? ''),
    committer: parseIdentity(all('committer')[0] ?? ''),
    message: content.slice(end + 2),
  };
}

/** Parses `Name <mail> 1700000000 +0100`. */
function parseIdentity(line: string) {
  const [, name = '', email = '', seconds, sign, hours, minutes] =
    /^(.*) <(.*)> (\d+) ([+-])(\d\d)(\d\d)$/.exec(line) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const local = new Date((Number(seconds) + offset * 60) * 1000).toISOString().slice(0, 19);
  return { name, email, date: `${local}${sign}${hours}:${minutes}` };
}
