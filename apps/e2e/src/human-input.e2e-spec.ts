import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Script, ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import { requirePackages } from './required-packages';
import { sharedTeko } from './shared-teko';
import { addSmallTask, finish, plan, solve, write } from './small-scenario';

requirePackages('bubblewrap');

interface Approval {
  kind: string;
  text: string | null;
  files: string[] | null;
  reasons: string[];
  subjectHash: string;
}

const shared = sharedTeko();

function startTask(script: Script, rules = {}) {
  shared.useScript(script);
  return addSmallTask(shared.teko, rules);
}

/** Returns the run of the task as soon as it is waiting. */
function waitingRun(taskId: string) {
  return eventually(async () => {
    const [run] = await shared.teko.rows(`/runs?taskId=${taskId}`);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'waiting' });
    return run!;
  });
}

async function decide(runId: string, decision: 'approved' | 'rejected', note: string): Promise<Approval> {
  const [approval] = await shared.teko.rows<Approval>(`/approvals?runId=${runId}&status=pending`);
  await shared.teko.post(`/runs/${runId}/approval`, { decision, subjectHash: approval!.subjectHash, note });
  return approval!;
}

it('a plan requires approval before any change, is proposed again after a rejection, and files outside it require approval', async () => {
  const { server, teko } = shared;
  const turns = [solve, plan('answer.py'), plan('answer.txt'), solve, write('other.txt', 'x\n'), finish];
  const task = await startTask(turns, { planRule: 'always', approvalRule: 'never' });
  let run = await waitingRun(task.id);
  expect(await teko.get(`/tasks/${task.id}`)).toMatchObject({ status: 'needs_input' });
  const steps = await teko.rows<{ title: string; status: string; output: string }>(`/runs/${run.id}/steps`);
  expect(steps.find(({ title }) => title === 'write_file')).toMatchObject({
    status: 'failed',
    output: expect.stringContaining('call propose_plan'),
  });
  const planApproval = await decide(run.id, 'rejected', 'There is no Python here.');
  expect(planApproval).toMatchObject({ kind: 'plan', text: 'Write 42 where 41 stands.', files: ['answer.py'] });

  await eventually(() => expect(server.calls).toHaveLength(3));
  expect(server.calls[2]!.text).toContain('The plan was rejected. There is no Python here.');
  run = await waitingRun(task.id);
  await decide(run.id, 'approved', 'Mind the newline.');
  await eventually(() => expect(server.calls).toHaveLength(6));
  expect(server.calls[3]!.text).toContain('The plan is approved. Mind the newline.');

  run = await waitingRun(task.id);
  const changeApproval = await decide(run.id, 'approved', '');
  expect(changeApproval).toMatchObject({
    kind: 'change',
    reasons: ['It changes files outside the approved plan: other.txt.'],
  });
  expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded' });
  expect(server.calls).toHaveLength(6);
});

it('a question waits on the task without a worker until a comment answers it', async () => {
  let { teko } = shared;
  const { server } = shared;
  const question: ScriptedTurn = {
    toolCalls: [{ name: 'ask_requester', args: { question: 'Should it be 42 or 43?' } }],
  };
  const task = await startTask([question, solve, finish]);
  const run = await waitingRun(task.id);
  expect(run).toMatchObject({ outcomeDetail: 'Should it be 42 or 43?' });
  const comments = await teko.rows(`/comments?taskId=${task.id}`);
  expect(comments).toMatchObject([{ authorKind: 'teko', body: 'Should it be 42 or 43?' }]);
  await eventually(async () => expect(await teko.get('/queue')).toMatchObject({ workers: [], active: 0 }));
  const place = JSON.stringify(await teko.get(`/runs/${run.id}/queue-position`));
  expect(place).toContain('Should it be 42 or 43?');

  teko = await shared.restart('SIGKILL');
  await teko.post(`/tasks/${task.id}/comments`, { body: '42, as ever.' });
  expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded' });
  expect(server.calls.map(({ turn }) => turn)).toEqual([0, 1, 2]);
  expect(server.calls[1]!.text).toContain('42, as ever.');
  expect(await teko.rows(`/comments?taskId=${task.id}`)).toHaveLength(3);
});

it('a run that hits a limit saves its work on a branch with a resume point', async () => {
  const { server, teko } = shared;
  const task = await startTask(({ text, turn }) => {
    if (text.includes('An earlier run worked on this')) return [solve, finish][turn] ?? finish;
    return turn === 0
      ? write('half.txt', 'half\n')
      : { toolCalls: [{ name: 'read_file', args: { path: 'half.txt' } }] };
  });
  const limited = await teko.finishedRun(task.id);
  expect(limited).toMatchObject({
    status: 'failed',
    outcome: 'no_progress',
    branch: `teko/${String(task.number)}-the-answer-is-wrong`,
  });
  const note = { version: 1, outcome: 'no_progress', headCommit: limited.headCommit, branch: limited.branch };
  expect(limited.resumePoint).toMatchObject({ ...note, verdict: 'red' });
  const [comment] = await teko.rows<{ body: string }>(`/comments?taskId=${task.id}`);
  const json = /```json\n([\s\S]*?)\n```/.exec(comment!.body)![1]!;
  expect(JSON.parse(json)).toEqual(limited.resumePoint);
  expect(await teko.rows(`/runs/${limited.id}/effects`)).toMatchObject([
    { kind: 'push', status: 'done', result: { branch: limited.branch, commit: limited.headCommit } },
    { kind: 'comment', status: 'done' },
  ]);

  const next = await teko.post(`/runs/${limited.id}/continue`, { instruction: 'Only answer.txt matters.' });
  expect(next).toMatchObject({ status: 'queued', origin: { kind: 'continue', runId: limited.id } });
  const ended = await teko.finishedRun(task.id);
  expect(ended, JSON.stringify(ended)).toMatchObject({ id: next.id, status: 'succeeded' });
  expect(server.calls.at(-1)!.text).toContain('Only answer.txt matters.');
  const [change] = await teko.rows(`/changes?taskId=${task.id}`);
  expect(change).toMatchObject({ branch: limited.branch, headCommit: ended.headCommit, filesChanged: 2 });
  await expect(teko.post(`/runs/${ended.id}/continue`)).rejects.toThrow(/409.*left nothing to continue from/);
});

it('a run is replayed without a model, and forked at a turn', async () => {
  const { server, teko } = shared;
  const task = await startTask(({ text, turn }) =>
    text.includes('Say why in a file') && turn === 1
      ? write('why.txt', 'because\n')
      : ([solve, finish][turn] ?? finish),
  );
  const first = await teko.finishedRun(task.id);
  expect(server.calls).toHaveLength(2);
  const before = await teko.get(`/tasks/${task.id}`);

  const replay = await teko.post(`/runs/${first.id}/replay`);
  const replayed = await teko.finishedRun(task.id);
  expect(replayed, JSON.stringify(replayed)).toMatchObject({ id: replay.id, status: 'succeeded', outcome: 'replayed' });
  expect(replayed).toMatchObject({ costMicros: 0, turns: 2, gate: { verdict: 'green' } });
  expect(server.calls).toHaveLength(2);
  expect(await teko.rows(`/runs/${replay.id}/effects`)).toEqual([]);
  expect(await teko.get(`/tasks/${task.id}`)).toEqual(before);

  await expect(teko.post(`/runs/${first.id}/fork`, { turn: 9, instruction: 'x' })).rejects.toThrow(/must be 1 to 3/);
  const fork = await teko.post(`/runs/${first.id}/fork`, { turn: 2, instruction: 'Say why in a file.' });
  const forked = await teko.finishedRun(task.id);
  expect(forked, JSON.stringify(forked)).toMatchObject({ id: fork.id, status: 'succeeded' });
  expect(server.calls.map(({ turn }) => turn)).toEqual([0, 1, 1, 2]);
  const changes = await teko.rows<{ filesChanged: number }>(`/changes?taskId=${task.id}&sort=number&order=ASC`);
  expect(changes.map(({ filesChanged }) => filesChanged)).toEqual([1, 2]);
});

it('a replay names the first turn that differs', async () => {
  const { teko } = shared;
  const readUuid: ScriptedTurn = {
    toolCalls: [{ name: 'run_command', args: { command: 'cat /proc/sys/kernel/random/uuid' } }],
  };
  const task = await startTask([readUuid, solve, finish]);
  const first = await teko.finishedRun(task.id);
  await teko.post(`/runs/${first.id}/replay`);
  const replayed = await teko.finishedRun(task.id);
  expect(replayed).toMatchObject({ status: 'failed', outcome: 'diverged' });
  expect(replayed.outcomeDetail).toContain('Turn 2 is the first that differs');
  const steps = await teko.rows<{ key: string; output: string }>(`/runs/${replayed.id}/steps`);
  expect(steps.find(({ key }) => key === 'divergence')!.output).toMatch(/^Recorded:\n[^]*-[^]*\n\nNow:\n/);
});

it('a failed effect is stored with its error, and the run waits and retries it', async () => {
  const { server, teko } = shared;
  const task = await startTask([solve, finish]);
  const mirror = join(teko.home, 'repositories', `${String(task.repositoryId)}.git`);
  // A branch named `teko` prevents branches named `teko/…`, and one below the other name prevents that.
  const blockers = ['teko', `teko-${String(task.number)}-the-answer-is-wrong/x`];
  const git = (...args: string[]) => execFileSync('git', ['--git-dir', mirror, ...args], { stdio: 'pipe' });
  for (const name of blockers)
    await eventually(() => git('update-ref', `refs/heads/${name}`, 'refs/upstream/main'), { interval: 5 });
  const run = await waitingRun(task.id);
  expect(run.resumeAt).not.toBeNull();
  const [effect] = await teko.rows<{ error: string }>(`/runs/${run.id}/effects`);
  expect(effect).toMatchObject({ kind: 'push', status: 'failed' });
  expect(effect!.error).toMatch(/refs\/heads\/teko/);

  for (const name of blockers) git('update-ref', '-d', `refs/heads/${name}`);
  await teko.post(`/runs/${run.id}/resume`);
  expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded' });
  expect(await teko.rows(`/runs/${run.id}/effects`)).toMatchObject([
    { kind: 'push', status: 'done', error: null },
    { kind: 'change', status: 'done' },
    { kind: 'comment', status: 'done' },
  ]);
  expect(server.calls).toHaveLength(2);
  await expect(teko.post(`/runs/${run.id}/resume`)).rejects.toThrow(/409/);
});

it('a task waits for the task that blocks it', async () => {
  const { teko } = shared;
  const blocker = await startTask([solve, finish]);
  const { repositoryId } = blocker;
  const addTask = (blockedBy: string[]) =>
    teko.post('/tasks', { repositoryId, kind: 'implement', title: 'The answer after it', blockedBy });
  const blocked = await addTask([blocker.id]);
  await expect(teko.patch(`/tasks/${blocker.id}`, { blockedBy: [blocked.id] })).rejects.toThrow(/422.*cycle of tasks/);
  await expect(addTask(['no-such-task'])).rejects.toThrow(/422.*does not have/);
  await teko.finishedRun(blocker.id);
  await eventually(async () =>
    expect(await teko.get(`/tasks/${blocked.id}`)).toMatchObject({
      status: 'blocked',
      statusReason: `Waits for task ${String(blocker.number)} (in review).`,
    }),
  );
  expect(await teko.rows(`/runs?taskId=${blocked.id}`)).toEqual([]);
  await teko.post(`/tasks/${blocker.id}/done`);
  expect(await teko.finishedRun(blocked.id)).toMatchObject({ status: expect.stringMatching(/succeeded|failed/) });
});
