import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { ScriptedTurn } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually';
import { requirePackages } from './required-packages';
import { smallRepository } from './sample-repositories';
import { sharedTeko } from './shared-teko';
import { finish, solve, write } from './small-scenario';

requirePackages('bubblewrap');

const shared = sharedTeko();

const command = (text: string): ScriptedTurn => ({ toolCalls: [{ name: 'run_command', args: { command: text } }] });
const finishWith = (...paths: string[]): ScriptedTurn => {
  const newFiles = paths.map((path) => ({ path, reason: 'The tests need it.' }));
  return { toolCalls: [{ name: 'finish', args: { title: 'Fix the answer', summary: 'It is 42.', newFiles } }] };
};

/** Runs a task on the small repository and returns its run, its steps, and what it delivered. */
async function runTask(script: ScriptedTurn[], { source = smallRepository(), test = 'grep -qx 42 answer.txt' } = {}) {
  const { teko } = shared;
  shared.useScript(script);
  const { id: repositoryId } = await teko.post('/repositories', { name: 'small', url: source, testCommand: test });
  const task = await teko.post('/tasks', { repositoryId, kind: 'implement', title: 'The answer is wrong' });
  const run = await teko.finishedRun(task.id);
  const mirror = join(teko.home, 'repositories', `${repositoryId}.git`);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', mirror, ...args]).toString();
  const [change] = await teko.rows<{ branch: string; body: string }>(`/changes?runId=${run.id}`);
  const delivered = () => ({
    /** Author and committer, parents and subject of each commit that the branch adds. */
    commits: git('log', '--format=%an <%ae> %cn %P %s', `${run.baseCommit}..refs/heads/${change!.branch}`).trim(),
    changes: git('diff-tree', '-r', '-z', '--name-status', String(run.baseCommit), `refs/heads/${change!.branch}`)
      .split('\0')
      .filter(Boolean)
      .join(' '),
  });
  return { run, change, git, delivered, task };
}

describe('one commit of the tree, by Teko', () => {
  it.each<[string, string]>([
    [
      'leftovers, a virtual environment and nested repositories',
      `printf 'dist/\\n*.log\\n' >> .git/info/exclude; mkdir -p target venv/bin; echo z > .DS_Store; echo k > target/classes.bin; echo SECRET=1 > .env;
      ln -s /usr/bin/python3 venv/bin/python3; echo home=/usr/bin > venv/pyvenv.cfg; git init -q fixtures/sample && cd fixtures/sample && git -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m x`,
    ],
    [
      'a smuggled history under stale locks',
      `git config user.name 'Grace'; git config user.email grace@example.org; mkdir -p .github/workflows; echo 'on: push' > .github/workflows/evil.yml; git add -A;
      git commit -qm '[skip ci] evil'; git rm -q .github/workflows/evil.yml; git commit -qm 'Fixes #1 @acme/admins'; git commit -q --amend --allow-empty -m other; git checkout -q --orphan lost; git commit -qm lost; touch .git/index.lock`,
    ],
    [
      'no git directory, a pipe and unreadable files',
      'rm -rf .git; ln -s /etc .git; mkfifo pipe; mkdir locked; chmod 000 locked',
    ],
  ])('%s', async (_what, text) => {
    const { run, change, delivered } = await runTask([solve, command(`${text}; true`), finish]);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
    expect(delivered()).toEqual({
      commits: `Teko <teko@localhost> Teko ${run.baseCommit} Fix the answer`,
      changes: 'M answer.txt',
    });
    if (!text.includes('venv')) return;
    for (const name of ['.DS_Store', '.env', 'fixtures/', 'target/', 'venv/']) {
      expect(run.outcomeDetail).toContain(`\`${name}\``);
      expect(change!.body).toContain(`\`${name}\``);
    }
  });

  it('names new files that the tests miss to the agent, which names them in finish', async () => {
    const test = 'grep -qx 42 answer.txt && test -f generated/data.txt';
    const generate = command('mkdir generated; echo data > generated/data.txt; echo junk > junk');
    const { run, delivered } = await runTask([solve, generate, finish, finishWith('generated')], { test });
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green', repairRound: 1 });
    expect(delivered()).toMatchObject({ changes: 'M answer.txt A generated/data.txt' });
    expect(run.outcomeDetail).toContain('`junk`');
    expect(shared.server.calls.at(-1)!.text).toMatch(/not accepted[\s\S]*`generated\/` is new, but was not written/);
  });

  it('gives a rejected file back to the agent', async () => {
    const link = command('ln -s /etc/passwd link');
    const { run, delivered } = await runTask([solve, link, finishWith('link'), command('rm link'), finish]);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', repairRound: 1 });
    expect(delivered()).toMatchObject({ changes: 'M answer.txt' });
    expect(shared.server.calls.at(-1)!.text).toMatch(/link is a symbolic link that points outside/);
  });

  it('saves what can be delivered of a result that stays rejected', async () => {
    const script = [solve, command('ln -s /etc/passwd link'), ...Array.from({ length: 12 }, () => finishWith('link'))];
    const { run, git } = await runTask(script);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'failed', outcome: 'rejected_change' });
    expect(run.outcomeDetail).toMatch(/points outside the repository.*saved on branch teko\//);
    expect(git('show', `${run.headCommit}:answer.txt`)).toBe('42\n');
    expect(git('ls-tree', '-r', '--name-only', String(run.headCommit))).toBe('answer.txt\n');
  });

  it('keeps bytes, modes and strange names of new files', async () => {
    const names = ['-n.txt', '[id].tsx', 'a b/ü ñ.txt', '日本語/文件.txt'];
    const { run, git } = await runTask([solve, ...names.map((name) => write(name, '\ufeffno end')), finish]);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
    const files = git('ls-tree', '-r', '-z', '--name-only', String(run.headCommit)).split('\0').filter(Boolean);
    expect(files.sort()).toEqual(['answer.txt', ...names].sort());
    expect(git('show', `${run.headCommit}:-n.txt`)).toBe('\ufeffno end');
  });
});

it('a repository whose tree stands for millions of files ends with a clear error, in bounded time', async () => {
  const source = smallRepository();
  const git = (input: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@localhost', '-C', source, ...args], { input })
      .toString()
      .trim();
  const blob = git('x', 'hash-object', '-w', '--stdin');
  const ten = (line: (n: number) => string) =>
    git(Array.from({ length: 10 }, (_, n) => `${line(n)}\n`).join(''), 'mktree');
  let tree = ten((n) => `100644 blob ${blob}\tf${n}`);
  for (let level = 1; level < 7; level++) {
    const below = tree;
    tree = ten((n) => `040000 tree ${below}\td${n}`);
  }
  git('', 'update-ref', 'refs/heads/main', git('bomb', 'commit-tree', '-p', 'HEAD', tree));
  const { teko } = shared;
  const { id } = await teko.post('/repositories', { name: 'bomb', url: source, testCommand: 'true' });
  await eventually(async () => {
    const repository = await teko.get(`/repositories/${id}`);
    expect(repository, JSON.stringify(repository)).toMatchObject({
      status: 'failed',
      statusReason: expect.stringContaining('more than 200,000 files') as string,
    });
  });
});
