import { ConflictError, InvalidError, type Run, type RunJob, type RunQueue } from '@teko/domain';
import { Events } from '@teko/platform';
import { aModelCall, aRepository, aRun, aTask, aCodebaseProfile, inMemoryRepositories } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { QueuePositions } from './queue-position.service';
import { Reruns } from './reruns.service';
import { SchedulingService } from './scheduling.service';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const clock = { now: () => NOW };

let rows: ReturnType<typeof inMemoryRepositories>;
let queuedJobs: [string, RunJob][];
let paused: boolean;
let scheduling: SchedulingService;
let reruns: Reruns;
let positions: QueuePositions;

beforeEach(async () => {
  rows = inMemoryRepositories();
  queuedJobs = [];
  paused = false;
  const queue = {
    add: async (id: string, job: RunJob) => void queuedJobs.push([id, job]),
    remove: async () => undefined,
    isPaused: async () => paused,
  } as unknown as RunQueue;
  const bus = { publish: async () => undefined, subscribe: () => () => undefined, close: async () => undefined };
  const events = new Events(rows.EventRepository, bus);
  let count = 0;
  const ids = { next: () => `id-${++count}` };
  scheduling = new SchedulingService(
    rows.TaskRepository,
    rows.RunRepository,
    rows.CodebaseProfileRepository,
    rows.RepositoryRepository,
    queue,
    clock,
    ids,
    events,
  );
  reruns = new Reruns(rows.TaskRepository, rows.RunRepository, rows.ModelCallRepository, scheduling, clock, ids);
  positions = new QueuePositions(rows.RunRepository, rows.RepositoryRepository, queue, clock);
  await rows.RepositoryRepository.insert(aRepository({ id: 'r' }));
  await rows.CodebaseProfileRepository.save(aCodebaseProfile({ repositoryId: 'r' }));
});

const task = (overrides = {}) =>
  rows.TaskRepository.insert(aTask({ repositoryId: 'r', status: 'analysed', ...overrides }));
const run = (taskId: string, overrides: Partial<Run> = {}) =>
  rows.RunRepository.insert(aRun({ repositoryId: 'r', taskId, queuedAt: NOW, ...overrides }));

describe('blocked tasks', () => {
  it('start when their blockers are done and name them until then', async () => {
    const first = await task({ status: 'in_review' });
    const second = await task({ blockedBy: [first.id, 'deleted'] });
    expect(await scheduling.schedule(second)).toBeNull();
    const blocked = { status: 'blocked', statusReason: `Waits for task ${first.number} (in review).` };
    expect(await rows.TaskRepository.findById(second.id)).toMatchObject(blocked);
    await expect(scheduling.requestRun(second.id, null)).rejects.toThrow(ConflictError);
    await scheduling.unblock();
    expect(await rows.TaskRepository.findById(second.id)).toMatchObject(blocked);
    await rows.TaskRepository.transition(first.id, 'in_review', 'done', null);
    await scheduling.unblock();
    expect(await rows.TaskRepository.findById(second.id)).toMatchObject({ status: 'new', statusReason: null });
  });

  it('stay blocked if they are blocked for another reason', async () => {
    const broken = await task({ status: 'blocked', statusReason: 'No such branch.', blockedBy: ['deleted'] });
    await scheduling.unblock();
    expect(await rows.TaskRepository.findById(broken.id)).toMatchObject({ statusReason: 'No such branch.' });
  });
});

describe('Reruns', () => {
  const failedRun = { status: 'failed', turns: 2, model: 'x:y', finishedAt: NOW } as const;
  const resumePoint = {
    version: 1,
    outcome: 'turn_limit',
    baseCommit: 'a',
    headCommit: 'b',
    branch: null,
    turns: 2,
    verdict: null,
    failing: [],
  } as const;

  it('continue, fork and replay runs; a replay does not change the task', async () => {
    const failed = await task({ status: 'failed' });
    const source = await run(failed.id, { ...failedRun, resumePoint: { ...resumePoint, failing: [] } });
    const usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
    const reply = { content: '', toolCalls: [], usage, stopReason: 'stop' as const };
    await rows.ModelCallRepository.begin(aModelCall({ runId: source.id, status: 'done', key: 'turn:1:a', reply }));
    const replay = await reruns.replay(source.id, 'ada');
    expect(replay).toMatchObject({ origin: { kind: 'replay', runId: source.id }, model: 'x:y', requestedById: 'ada' });
    expect(await rows.TaskRepository.findById(failed.id)).toMatchObject({ status: 'failed' });
    await expect(reruns.continue(source.id, null, 'ada')).rejects.toThrow(/run 2 of this task is still queued/);
    await scheduling.requestCancel(replay.id);
    expect(await rows.TaskRepository.findById(failed.id)).toMatchObject({ status: 'failed' });

    await expect(reruns.fork(source.id, { turn: 3, model: 'x:z', instruction: null }, null)).rejects.toThrow(
      InvalidError,
    );
    await expect(reruns.fork(source.id, { turn: 1, model: null, instruction: null }, null)).rejects.toThrow(
      InvalidError,
    );
    const fork = await reruns.fork(source.id, { turn: 2, model: 'x:z', instruction: null }, null);
    expect(fork).toMatchObject({ model: 'x:z', origin: { kind: 'fork', turn: 2 } });
    expect(await rows.TaskRepository.findById(failed.id)).toMatchObject({ status: 'queued' });
    expect(queuedJobs.map(([id]) => id)).toEqual([replay.id, fork.id]);
  });

  it('refuse runs without a resume point and unfinished runs', async () => {
    const failed = await task({ status: 'failed' });
    const source = await run(failed.id, failedRun);
    await expect(reruns.continue(source.id, null, null)).rejects.toThrow(/left nothing to continue from/);
    await expect(reruns.replay(source.id, null)).rejects.toThrow(/no recorded answers/);
    const queued = await run(failed.id);
    await expect(reruns.replay(queued.id, null)).rejects.toThrow(/still queued/);
  });
});

describe('QueuePositions', () => {
  it('returns the number of runs ahead and estimates the time from recent runs', async () => {
    const { id } = await task();
    const minute = 60_000;
    const at = (ms: number) => new Date(NOW.getTime() + ms);
    await run(id, { status: 'running', startedAt: NOW });
    await run(id, { status: 'succeeded', startedAt: at(-3 * minute), finishedAt: at(-minute) });
    await run(id, { priority: 40 });
    const last = await run(id, { priority: 20 });
    expect(await positions.of(last, null)).toEqual({
      reason: 'One run is ahead of it; one is running.',
      ahead: 1,
      seconds: 180,
    });
    expect((await positions.of(last, 1)).reason).toBe('The repository has reached its limit of running runs.');
    paused = true;
    expect(await positions.of(last, null)).toEqual({ reason: 'The queue is paused.', ahead: null, seconds: null });
  });

  it('returns the reason of a waiting run, and none for a running one', async () => {
    const { id } = await task();
    const resumeAt = new Date(NOW.getTime() + 90_000);
    const waiting = await run(id, { status: 'waiting', outcomeDetail: 'The model is unavailable.', resumeAt });
    expect(await positions.of(waiting, null)).toEqual({
      reason: 'The model is unavailable.',
      ahead: null,
      seconds: 90,
    });
    expect(await positions.of(await run(id, { status: 'running' }), null)).toMatchObject({ reason: null });
  });
});
