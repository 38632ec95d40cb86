import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/* Git objects, packs and bundles of any content, which git itself would refuse to write. */

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';
export interface GitObject {
  type: ObjectType;
  content: Buffer;
}
export interface TreeLine {
  mode: string;
  name: Buffer | string;
  /** Hexadecimal. */
  id: string;
}

const TYPE_NUMBER: Record<ObjectType, number> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const sha1 = (...parts: (Buffer | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest();

export function idOf({ type, content }: GitObject): string {
  return sha1(`${type} ${content.length}\0`, content).toString('hex');
}

export function tree(lines: TreeLine[]): GitObject {
  const parts = lines.flatMap(({ mode, name, id }) => [
    Buffer.from(`${mode} `),
    Buffer.from(name as string),
    Buffer.from([0]),
    Buffer.from(id, 'hex'),
  ]);
  return { type: 'tree', content: Buffer.concat(parts) };
}

export function commit(
  treeId: string,
  parents: string[],
  more: { identity?: string; message?: string } = {},
): GitObject {
  const { identity = 'A <a@example.org> 1700000000 +0000', message = 'x\n' } = more;
  const header = [
    `tree ${treeId}`,
    ...parents.map((id) => `parent ${id}`),
    `author ${identity}`,
    `committer ${identity}`,
  ];
  return { type: 'commit', content: Buffer.from(`${header.join('\n')}\n\n${message}`) };
}

/** Returns a pack; `count` is what its header claims. */
export function pack(objects: GitObject[], count = objects.length): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  const body = Buffer.concat([
    head,
    ...objects.flatMap(({ type, content }) => [sizeHeader(TYPE_NUMBER[type], content.length), deflateSync(content)]),
  ]);
  return Buffer.concat([body, sha1(body)]);
}

export function bundle(refs: [name: string, id: string][], needs: string[], packed: Buffer): Buffer {
  const lines = ['# v2 git bundle', ...needs.map((id) => `-${id}`), ...refs.map(([name, id]) => `${id} ${name}`)];
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n\n`), packed]);
}

function sizeHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  bytes.push((type << 4) | (size % 16) | (rest > 0 ? 0x80 : 0));
  for (; rest > 0; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
  return Buffer.from(bytes);
}
