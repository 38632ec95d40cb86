import type { Approval, Repository, TreeEntry } from '@teko/domain';
import { aRepository, aRun, aTask, inMemoryRepositories } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Approvals } from './approvals';
import type { RunContext } from './run-context';

const BASE = 'a'.repeat(40);
const HEAD = 'b'.repeat(40);
const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEvQIBADAN'.repeat(5)}\n-----END RSA PRIVATE KEY-----\n`;
const TOKEN = `glpat-${'a4Kd'.repeat(6)}`;
const SUBJECT = { title: 'Fix weeks', summary: 'Done.' };

let rows: ReturnType<typeof inMemoryRepositories>;
let requested: Approval[];
let trees: Record<string, Record<string, string>>;
let approvals: Approvals;
let context: RunContext;

beforeEach(async () => {
  rows = inMemoryRepositories();
  requested = [];
  const repository = aRepository({ approvalRule: 'risky' });
  const task = aTask({ repositoryId: repository.id });
  const run = aRun({ repositoryId: repository.id, taskId: task.id, baseCommit: BASE, headCommit: HEAD });
  await rows.RepositoryRepository.insert(repository);
  await rows.TaskRepository.insert(task);
  await rows.RunRepository.insert(run);
  change({});
  const tree = async (_id: string, commit: string): Promise<TreeEntry[]> =>
    Object.entries(trees[commit]!).map(([path, text]) => {
      const [mode, content] = /^\d{6} /.test(text) ? text.split(' ') : ['100644', text];
      return { path, mode: mode!, blob: content!, bytes: 1 };
    });
  const blobs = async (_id: string, ids: string[], max: number) =>
    new Map(ids.map((id) => [id, Buffer.from(id).subarray(0, max)]));
  const delivery = { requestApproval: async ({ approval }: { approval: Approval }) => void requested.push(approval) };
  let next = 0;
  approvals = new Approvals(
    rows.ApprovalRepository,
    { tree, blobs } as never,
    delivery as never,
    { now: () => new Date(next * 1000) } as never,
    { next: () => `approval-${++next}` },
  );
  context = {
    ...{ run, task, repository, isReplay: false, lineage: {}, fence: async () => undefined },
    journal: { note: async () => undefined },
  } as unknown as RunContext;
});

/** Makes the change of the run: content by path, with the mode before it if it is not a regular file. */
function change(files: Record<string, string>, commit = HEAD) {
  trees = { ...trees, [BASE]: { 'src/a.ts': 'old', 'README.md': 'old', 'known.txt': TOKEN } };
  trees[commit] = { ...trees[BASE], ...files };
}

const setRules = (rules: Partial<Repository>) => void (context.repository = { ...context.repository, ...rules });
const require = () => approvals.require(context, SUBJECT);
const stored = async () => (await rows.ApprovalRepository.findByRun(context.run.id))[0]!;

async function decide(status: 'approved' | 'rejected') {
  const decision = { status, decidedById: null, decidedByName: 'Ada', note: null, decidedAt: new Date() };
  await rows.ApprovalRepository.decide((await stored()).id, decision);
}

describe('Approvals', () => {
  it('stores and posts each sensitive file with its reason, and the rule of that moment', async () => {
    change({ 'src/a.ts': 'new', 'package.json': '{}', 'src/link.ts': '120000 x', 'src/tool.py': '#!python' });
    setRules({ approvers: 'others' });
    await expect(require()).rejects.toThrow(
      'Waiting for approval. It changes 3 sensitive files: package.json, src/link.ts',
    );
    expect(await stored()).toMatchObject({
      ...{ status: 'pending', rule: 'risky', approvers: 'others' },
      sensitiveFiles: [
        { path: 'package.json', reason: 'The package manager reads it.' },
        { path: 'src/link.ts', reason: 'It is a symbolic link.' },
        { path: 'src/tool.py', reason: 'It becomes a script that can be run.' },
      ],
    });
    expect(requested).toEqual([await stored()]);
  });

  it.each<[string, Partial<Repository>, Record<string, string>, boolean]>([
    ['ordinary files', {}, { 'src/a.ts': 'new', 'docs/a.md': 'new' }, false],
    ['ordinary files, always', { approvalRule: 'always' }, { 'src/a.ts': 'new' }, true],
    ['a deleted sensitive file', {}, {}, false],
    ['a preapproved file', { preapprovedPaths: ['package.json'] }, { 'package.json': '{}' }, false],
    ['a preapproved folder', { preapprovedPaths: ['/charts/'] }, { 'charts/a/values.yaml': 'a' }, false],
    ['a preapproved CI file', { preapprovedPaths: ['.github/**'] }, { '.github/workflows/a.yml': 'a' }, false],
    ['a pattern with an exception', { preapprovedPaths: ['*.json', '!package.json'] }, { 'package.json': '{}' }, true],
    ['another case than the pattern', { preapprovedPaths: ['package.json'] }, { 'Package.json': '{}' }, true],
    ['another folder than the pattern', { preapprovedPaths: ['/package.json'] }, { 'a/package.json': '{}' }, true],
    ['preapproved .teko.yml', { preapprovedPaths: ['*', '.*'] }, { '.teko.yml': 'a' }, true],
    ['preapproved instructions', { preapprovedPaths: ['**'] }, { 'docs/agents.md': 'a' }, true],
    ['a preapproved link', { preapprovedPaths: ['**'] }, { 'a.json': '120000 /etc/passwd' }, true],
    ['never, a sensitive file', { approvalRule: 'never' }, { 'package.json': '{}' }, false],
    ['never, a CI file', { approvalRule: 'never' }, { '.GitHub/workflows/a.yml': 'a' }, true],
    ['never, .teko.yml', { approvalRule: 'never' }, { '.TEKO.yml': 'a' }, true],
    ['a name in another case', {}, { 'src/A.ts': 'new' }, true],
    ['a private key', {}, { 'notes.txt': KEY }, true],
    ['a preapproved private key', { preapprovedPaths: ['**'] }, { 'docs/a.md': `Use this:\n${KEY}` }, true],
    ['a private key in a string', {}, { 'src/key.ts': JSON.stringify({ key: KEY }) }, true],
    ['a private key in UTF-16', {}, { 'notes.txt': [...KEY].join('\0') }, true],
    ['the header of a key alone', {}, { 'src/key.ts': "text.includes('-----BEGIN PRIVATE KEY-----')" }, false],
    ['a public key', {}, { 'notes.txt': KEY.replaceAll('PRIVATE', 'PUBLIC') }, false],
    ['a token', {}, { 'tests/api.py': `TOKEN = "${TOKEN}"` }, true],
    ['a placeholder of a token', {}, { 'README.md': 'glpat-your-token-goes-here' }, false],
    ['a token that was there before', {}, { 'known.txt': `${TOKEN} and more` }, false],
    ['another token than before', {}, { 'known.txt': TOKEN.replace('4', '5') }, true],
  ])('%s (%o): %o needs approval: %s', async (_name, rules, files, expected) => {
    setRules(rules);
    change(files);
    expect(await approvals.isNeeded(context)).toBe(expected);
  });

  it.each<[string, string, string, boolean]>([
    ['.github/workflows/ci.yml', 'run: cat lib/release.js', 'lib/release.js', false],
    ['.github/workflows/ci.yml', 'run: "node lib/release.js"', 'lib/release.js', true],
    ['.github/workflows/ci.yml', 'run: pip install -r lib/all.txt', 'lib/all.txt', true],
    ['.github/workflows/ci.yml', 'run: npx tsx --tsconfig a.json lib/release.ts', 'lib/release.ts', true],
    ['.husky/pre-commit', './lib/check', 'lib/check', true],
    ['a/package.json', '{"scripts":{"postinstall":"node -r x lib/i.js"}}', 'a/lib/i.js', true],
    ['a/package.json', '{"main":"node lib/i.js"}', 'a/lib/i.js', false],
    ['Makefile', 'all:\n\tpython3 lib/gen.py', 'lib/gen.py', true],
    ['Makefile', 'all:\n\tnode src/a.test.js', 'src/a.test.js', false],
    ['docs/ci.md', 'node lib/release.js', 'lib/release.js', false],
  ])('%s with %j starts %s: %s', async (starter, text, path, starts) => {
    trees = { [BASE]: { [starter]: text, [path]: 'old' }, [HEAD]: { [starter]: text, [path]: 'new' } };
    if (!starts) return await require();
    await expect(require()).rejects.toThrow('Waiting');
    expect((await stored()).sensitiveFiles).toEqual([{ path, reason: `${starter} starts it.` }]);
  });

  it('a request keeps its rule, whatever the repository allows later', async () => {
    change({ 'package.json': '{}' });
    await expect(require()).rejects.toThrow('Waiting');
    setRules({ approvalRule: 'never', preapprovedPaths: ['*'], approvers: 'others', planRule: 'always' });
    await expect(require()).rejects.toThrow('Waiting');
    expect(await approvals.isNeeded(context)).toBe(true);
    const pinned = await approvals.withRulesOf(context.run, context.repository);
    expect(pinned).toMatchObject({ approvalRule: 'risky', approvers: 'anyone', planRule: 'never' });
    await decide('approved');
    setRules({ approvalRule: 'always' });
    await require();
  });

  it('a rejected change is never delivered, not even under another rule or with another text of the task', async () => {
    change({ 'package.json': '{}' });
    await expect(require()).rejects.toThrow('Waiting');
    await decide('rejected');
    setRules({ approvalRule: 'never' });
    await expect(require()).rejects.toThrow('Ada rejected the change.');
    context = { ...context, task: { ...context.task, description: 'Other.' } } as RunContext;
    await expect(require()).rejects.toThrow('Ada rejected the change.');
    expect(await approvals.isNeeded(context)).toBe(true);
  });

  it('another text of the task needs another approval for the same reasons, under the first rule', async () => {
    change({ 'package.json': '{}' });
    await expect(require()).rejects.toThrow('Waiting');
    const first = await stored();
    setRules({ approvalRule: 'never', approvers: 'others' });
    context = { ...context, task: { ...context.task, description: 'Other.' } } as RunContext;
    await expect(require()).rejects.toThrow('Waiting');
    const { id, subjectHash, createdAt, ...same } = await stored();
    expect(id).not.toBe(first.id);
    expect(subjectHash).not.toBe(first.subjectHash);
    expect(first).toMatchObject(same);
    expect(createdAt > first.createdAt).toBe(true);
  });

  it('another commit of the run is measured by the first rule', async () => {
    change({ 'package.json': '{}' });
    await expect(require()).rejects.toThrow('Waiting');
    setRules({ approvalRule: 'never' });
    const other = 'c'.repeat(40);
    context.run = { ...context.run, headCommit: other };
    change({ Makefile: 'a' }, other);
    expect(await approvals.isNeeded(context)).toBe(true);
    change({ 'src/a.ts': 'new' }, other);
    expect(await approvals.isNeeded(context)).toBe(false);
  });

  it('a plan stays required and undecided if the rule for plans is removed', async () => {
    setRules({ planRule: 'always' });
    await expect(approvals.requirePlan(context, { text: 'Do it.', files: ['src/a.ts'] })).rejects.toThrow('Waiting');
    await decide('rejected');
    setRules(await approvals.withRulesOf(context.run, { ...context.repository, planRule: 'never' }));
    expect(await approvals.canChangeFiles(context)).toBe(false);
  });

  it('names a few files and counts the others, without invisible characters', async () => {
    change(Object.fromEntries(['e\u200b', ...'fghijk'].map((name) => [`${name}.toml`, 'a'])));
    await expect(require()).rejects.toThrow(
      'It changes 7 sensitive files: e\\u{200b}.toml, f.toml, g.toml, h.toml, i.toml and 2 more.',
    );
  });
});
