import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidError, UnavailableError } from '@teko/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address';
import { SourceRules, type SourceOptions } from './source-rules';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'teko-rules-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rules = (options: Partial<SourceOptions> = {}, address = '140.82.112.3') =>
  new SourceRules({ home: join(folder, 'home'), lookup: async () => [{ address }], ...options });
const target = (url: string, options?: Partial<SourceOptions>, address?: string) => rules(options, address).target(url);
const errorOf = (url: string, options?: Partial<SourceOptions>, address?: string) =>
  target(url, options, address).catch((error: unknown) => error);

describe('addresses', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '',
  ])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    '1.1.1.1',
    '100.63.255.255',
    '140.82.112.3',
    '172.32.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '64:ff9b::808:808',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));
});

describe('URLs', () => {
  it.each([
    'http://127.0.0.1/a.git',
    'http://127.0.0.1:8080/a.git',
    'https://127.1/a.git',
    'https://2130706433/a.git',
    'https://0x7f000001/a.git',
    'https://0x7f.1/a.git',
    'https://017700000001/a.git',
    'https://0177.0.0.1/a.git',
    'https://%31%32%37.0.0.1/a.git',
    'https://①②⑦.0.0.1/a.git',
    'https://0/a.git',
    'https://0.0.0.0/a.git',
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166/latest',
    'http://[::1]/a.git',
    'http://[::ffff:127.0.0.1]/a.git',
    'http://[::ffff:a9fe:a9fe]/a.git',
    'http://[fd00:ec2::254]/a.git',
    'http://[fe80::1]/a.git',
    'http://[::]/a.git',
    'https://localhost/a.git',
    'https://LOCALHOST./a.git',
    'https://a.localhost/a.git',
    'http://metadata.google.internal/computeMetadata/v1',
    'https://printer.local/a.git',
    'https://nas.lan/a.git',
    'https://10.0.0.1./a.git',
    'ssh://git@127.0.0.1/a.git',
    'ssh://git@[::1]:22/a.git',
    'ssh://git@2130706433/a.git',
    'ssh://git@0x7f.1/a.git',
    'ssh://localhost/a.git',
    'git@127.0.0.1:a.git',
    'git@0x7f.1:a.git',
    'git@2130706433:a.git',
    'git@localhost:a.git',
    'git@192.168.1.10:a.git',
    'git@git.internal.:a.git',
  ])('%s names a private address', async (url) =>
    expect(await errorOf(url)).toEqual(
      new InvalidError({ url: 'must not be a private address unless TEKO_GIT_HOSTS names it' }),
    ),
  );

  it.each([
    ['http://user@github.com/a.git', /user name or password/],
    ['https://user:secret@github.com/a.git', /user name or password/],
    ['https://:secret@github.com/a.git', /user name or password/],
    ['ssh://git:secret@github.com/a.git', /user name or password/],
    ['ssh://g%2fit@github.com/a.git', /user name or password/],
    ['https://github.com/a.git?token=secret', /query or fragment/],
    ['https://github.com/a.git#secret', /query or fragment/],
    ['https://github.com/a.git?', /query or fragment/],
    ['git@github.com:a.git?token=secret', /query or fragment/],
    ['file:///srv/a.git?token=secret', /query or fragment/],
    ['https://github.com\\@127.0.0.1/a.git', /spaces or backslashes/],
    ['https://github.com /a.git', /spaces or backslashes/],
    ['https://github.com/a.git\n', /spaces/],
    ['https://github.com/\u0001a.git', /not a path or git URL/],
    ['--upload-pack=touch x', /not a path or git URL/],
    ['-oProxyCommand=x', /not a path or git URL/],
    ['ext::sh -c id', /not a path or git URL/],
    ['http::https://github.com/a', /not a path or git URL/],
    ['::https://github.com/a', /not a path or git URL/],
    ['ftp://github.com/a.git', /scheme ftp/],
    ['javascript:alert(1)', /scheme javascript/],
    ['git://github.com/a.git', /scheme git/],
    ['file://otherhost/srv/a.git', /must not name a host/],
    ['ssh://git@-oProxyCommand=x/a.git', /host name|absolute path/],
    ['ssh://git@-x/a.git', /host name/],
    ['https://github_com$x/a.git', /host name/],
    ['relative/path', /absolute path/],
    ['../a', /absolute path/],
    ['', /must not be empty/],
    [' /srv/a', /spaces/],
  ])('%s is refused', async (url, message) => {
    const error = await errorOf(url);
    expect(error).toBeInstanceOf(InvalidError);
    expect((error as InvalidError).errors.url).toMatch(message);
    expect(String((error as Error).message)).not.toContain('secret');
  });

  it.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fd00:ec2::254', '::ffff:10.0.0.1'])(
    'a name that resolves to %s cannot be told from one that does not exist',
    async (address) => {
      for (const url of ['https://git.example/a.git', 'git@git.example:a.git', 'ssh://git@git.example:2222/a.git']) {
        const failed = await errorOf(url, {}, address);
        expect(failed).toBeInstanceOf(UnavailableError);
        expect(failed).toEqual(await errorOf(url, { lookup: () => Promise.reject(new Error('ENOTFOUND')) }));
      }
    },
  );

  it('a name with one private address among public ones is refused', async () => {
    const lookup = async () => [{ address: '140.82.112.3' }, { address: '10.0.0.1' }];
    expect(await errorOf('https://git.example/a.git', { lookup })).toBeInstanceOf(UnavailableError);
  });

  it.each([
    ['https://GitHub.com./o/a.git', 'https://github.com/o/a.git', 'http.curloptResolve', 'github.com:443:140.82.112.3'],
    ['http://git.example:8080/a', 'http://git.example:8080/a', 'http.curloptResolve', 'git.example:8080:140.82.112.3'],
    ['git@github.com:o/a.git', 'git@github.com:o/a.git', 'core.sshCommand', 'HostName=140.82.112.3'],
    [
      'ssh://git@github.com:22/o/a.git',
      'ssh://git@github.com:22/o/a.git',
      'core.sshCommand',
      'HostKeyAlias=github.com',
    ],
  ])('%s is connected to at the checked address, without redirects', async (url, forGit, key, value) => {
    const { url: used, settings } = await target(url);
    const byKey = Object.fromEntries(settings);
    expect([used, byKey['http.followRedirects']]).toEqual([forGit, 'false']);
    expect(byKey[key]).toContain(value);
    expect(settings.filter(([name, mode]) => name.startsWith('protocol.') && mode === 'always')).toHaveLength(1);
  });

  it('several addresses are all used, IPv6 in brackets', async () => {
    const lookup = async () => [{ address: '140.82.112.3' }, { address: '2606:50c0::1' }];
    const { settings } = await target('https://git.example/a.git', { lookup });
    expect(Object.fromEntries(settings)['http.curloptResolve']).toBe('git.example:443:140.82.112.3,[2606:50c0::1]');
  });

  it.each([
    ['http://127.0.0.1:3000/a.git', '127.0.0.1:3000', true],
    ['http://127.0.0.1:3001/a.git', '127.0.0.1:3000', false],
    ['http://2130706433:3000/a.git', '127.0.0.1:3000', true],
    ['http://[::1]:3000/a.git', '[::1]:3000', true],
    ['https://git.internal/a.git', 'git.internal', true],
    ['git@git.internal:a.git', 'git.internal:22', true],
    ['git@git.internal:a.git', 'git.internal:443', false],
    ['git://git.internal/a.git', 'git.internal', true],
    ['https://other.internal/a.git', 'git.internal', false],
    ['https://git.internal.evil.internal/a.git', 'git.internal', false],
  ])('%s with TEKO_GIT_HOSTS=%s is allowed: %s', async (url, host, isAllowed) => {
    const result = await target(url, { hosts: [host] }).then(
      () => true,
      () => false,
    );
    expect(result).toBe(isAllowed);
  });
});

describe('folders', () => {
  beforeAll(() => {
    for (const path of [
      'repos/app/.git',
      'repos/bare.git',
      'outside/.git',
      'home/repositories/r1.git',
      'home/demo/repository/.git',
    ])
      repositoryAt(path);
    mkdirSync(join(folder, 'repos/empty'));
    symlinkSync(join(folder, 'outside'), join(folder, 'repos/link'));
    symlinkSync(join(folder, 'home/repositories/r1.git'), join(folder, 'repos/mirror.git'));
    symlinkSync(join(folder, 'home'), join(folder, 'other-home'));
    for (const [name, to] of [
      ['worktree', 'repos/app/.git'],
      ['stolen', 'home/repositories/r1.git'],
    ] as const) {
      mkdirSync(join(folder, 'repos', name));
      writeFileSync(join(folder, 'repos', name, '.git'), `gitdir: ${join(folder, to)}\n`);
    }
    repositoryAt('repos/borrower.git');
    mkdirSync(join(folder, 'repos/borrower.git/objects/info'));
    writeFileSync(
      join(folder, 'repos/borrower.git/objects/info/alternates'),
      join(folder, 'home/repositories/r1.git/objects'),
    );
  });

  function repositoryAt(path: string) {
    mkdirSync(join(folder, path, 'objects'), { recursive: true });
    writeFileSync(join(folder, path, 'HEAD'), 'ref: refs/heads/main\n');
  }

  it.each([
    ['repos/app', 'repos/app/.git'],
    ['repos/app/', 'repos/app/.git'],
    ['repos/../repos/app', 'repos/app/.git'],
    ['repos/bare.git', 'repos/bare.git'],
    ['repos/bare', 'repos/bare.git'],
    ['repos/worktree', 'repos/app/.git'],
    ['home/demo/repository', 'home/demo/repository/.git'],
  ])('%s is read without links', async (path, used) => {
    // The demo needs no permission.
    const only = { folders: [join(folder, 'repos')] };
    expect((await target(join(folder, path), only)).url).toBe(`file://${join(folder, used)}`);
  });

  it.each([
    'repos/missing',
    'repos/empty',
    'repos/mirror.git',
    'repos/stolen',
    'repos/borrower',
    'other-home/repositories/r1.git',
  ])('%s fails with the same text', async (path) =>
    expect(await errorOf(join(folder, path))).toEqual(await errorOf(join(folder, 'nothing'))),
  );

  it.each([
    ['home/repositories/r1.git', null, /TEKO_HOME/],
    ['home', null, /TEKO_HOME/],
    ['repos/../home/repositories/r1.git', null, /TEKO_HOME/],
    ['home/demo', null, /TEKO_HOME/],
    ['outside', 'repos', /TEKO_LOCAL_REPOSITORIES/],
    ['repos-of-others', 'repos', /TEKO_LOCAL_REPOSITORIES/],
    ['repos/../outside', 'repos', /TEKO_LOCAL_REPOSITORIES/],
  ])('%s is refused if the folders are %s', async (path, only, message) => {
    const options = only ? { folders: [join(folder, only)] } : {};
    for (const url of [join(folder, path), `file://${join(folder, path)}`])
      expect(await errorOf(url, options)).toMatchObject({ errors: { url: expect.stringMatching(message) as string } });
  });

  it('links are followed before the folders are compared', async () => {
    const link = join(folder, 'repos/link');
    expect((await target(link)).url).toBe(`file://${join(folder, 'outside/.git')}`);
    expect(await errorOf(link, { folders: [join(folder, 'repos')] })).toBeInstanceOf(UnavailableError);
  });

  it.each([
    '/proc/self/cwd',
    '/sys/kernel',
    '/dev/fd',
    '/etc/.git',
    '/run/x',
    'file:///proc/1/root',
    'file:///%70roc/1/root',
  ])('%s is in a folder of the system', async (url) =>
    expect(await errorOf(url)).toMatchObject({ errors: { url: 'must not be in a folder of the system' } }),
  );

  it('no folder is allowed if the list is empty', async () =>
    expect(await errorOf(join(folder, 'repos/app'), { folders: [] })).toBeInstanceOf(InvalidError));
});
