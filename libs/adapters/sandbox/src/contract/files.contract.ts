import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, ownSession, type Driver, type OpenSession } from './driver.fixture';

/** Files are read and written where commands cannot mislead the host. Holds for every driver. */
export function fileContract({ sandbox }: Driver): void {
  describe('files', () => {
    let open: OpenSession;
    beforeAll(async () => {
      open = await openSession(sandbox);
    });
    afterAll(() => open.close());

    it('reads, writes and lists binary content', async () => {
      const { session } = open;
      await session.writeFile('a/b.bin', Buffer.from([0, 255, 10]));
      expect(await session.readFile('a/b.bin')).toEqual({ content: Buffer.from([0, 255, 10]), truncated: false });
      expect(await session.readFile('a/b.bin', { maxBytes: 2 })).toEqual({
        content: Buffer.from([0, 255]),
        truncated: true,
      });
      await session.writeFile('empty', '');
      expect(await session.readFile('empty')).toEqual({ content: Buffer.alloc(0), truncated: false });
      expect(await session.list('a', { depth: 2 })).toEqual([{ path: 'a/b.bin', type: 'file', bytes: 3 }]);
      const large = Buffer.alloc(3_000_000, 'abc');
      await session.writeFile('large', large);
      expect((await session.readFile('large', { maxBytes: 4_000_000 })).content.equals(large)).toBe(true);
    });

    it('leaves a folder that can be removed, with paths of any length and closed permissions', async () => {
      const { bash, session, workspace } = await ownSession(sandbox);
      const deep = 'name=$(printf "d%.0s" $(seq 200)); for i in $(seq 40); do mkdir $name && cd $name || exit 1; done';
      expect(
        await bash(`(${deep}; touch end) && mkdir -p closed/inner && touch closed/inner/file && chmod 000 closed`),
      ).toMatchObject({ code: 0 });
      await session.close();
      await sandbox.removeFolder(workspace);
      expect(existsSync(workspace)).toBe(false);
      await sandbox.removeFolder(workspace);
    });

    it('keeps the mode of a file, or sets the given one', async () => {
      const { session, workspace } = open;
      for (const mode of [0o755, 0o600, 0o444]) {
        await session.writeFile('script', 'old', { mode });
        await session.writeFile('script', 'new');
        expect((await session.readFile('script')).content.toString()).toBe('new');
        expect(statSync(join(workspace, 'script')).mode & 0o777).toBe(mode);
      }
    });

    it.each([
      `日本語/文件.txt`,
      `a b/ü ñ.txt`,
      'tab\tname.txt',
      'line\nbreak',
      '-n',
      '[id].tsx',
      '\\back"slash',
      'x'.repeat(255),
    ])('lists and reads a file by its real name: %j', async (name) => {
      const own = await ownSession(sandbox);
      await own.session.writeFile(name, name);
      const listed = await own.session.list('.', { depth: 2 });
      expect(listed.at(-1)).toMatchObject({ path: name, type: 'file' });
      expect((await own.session.readFile(listed.at(-1)!.path)).content.toString()).toBe(name);
    });

    it('is not confused by what the workspace contains', async () => {
      const own = await ownSession(sandbox);
      await own.session.writeFile('package.json', '{"type":"module"}');
      await own.session.writeFile('node_modules/fs/index.js', 'process.exit(7)');
      await own.session.writeFile('.npmrc', 'node-options=--require ./x.js');
      expect((await own.session.readFile('package.json')).content.toString()).toBe('{"type":"module"}');
    });

    it('restricts access to regular files of the workspace', async () => {
      const { session, workspace } = open;
      symlinkSync('/etc/passwd', join(workspace, 'link'));
      symlinkSync('/tmp', join(workspace, 'dir'));
      symlinkSync('loop', join(workspace, 'loop'));
      await open.bash('mkfifo pipe; python3 -c "import socket;socket.socket(socket.AF_UNIX).bind(\'sock\')"');
      const name = `teko-${randomInt(1e9)}`;
      for (const path of ['link', '../../etc/passwd', '/etc/passwd', `dir/${name}`, 'loop', 'pipe', 'sock', '.']) {
        await expect(session.readFile(path), path).rejects.toThrow();
        await expect(session.writeFile(path, 'x'), path).rejects.toThrow();
      }
      expect(existsSync(`/tmp/${name}`)).toBe(false);
      expect((await session.list('.')).filter(({ type }) => type === 'other').map(({ path }) => path)).toEqual([
        'pipe',
        'sock',
      ]);
      expect((await open.bash('true')).code, 'refused paths do not end the session').toBe(0);
    });

    it('follows links inside the workspace', async () => {
      const { session, workspace } = open;
      mkdirSync(join(workspace, 'real'));
      writeFileSync(join(workspace, 'real', 'x'), 'x');
      chmodSync(join(workspace, 'real', 'x'), 0o666);
      symlinkSync('real', join(workspace, 'alias'));
      expect((await session.readFile('alias/x')).content.toString()).toBe('x');
    });
  });
}
