import { aRepository, aRun, aTask } from '@teko/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ApiFixture, type ApiClient } from './api.fixture';

// A new API per test, because the tests count all runs.
let api: ApiFixture;
let admin: ApiClient;
beforeEach(async () => {
  api = await ApiFixture.start();
  admin = await api.client('admin');
});
afterEach(() => api?.close());

it('returns workers with leases, statistics by hour, failures by outcome and medians, without replays', async () => {
  const { RepositoryRepository, TaskRepository, RunRepository } = api.repositories;
  const repository = aRepository();
  await RepositoryRepository.insert(repository);
  const { id: taskId } = await TaskRepository.insert(aTask({ repositoryId: repository.id }));
  const now = Date.now();
  const ago = (minutes: number) => new Date(now - minutes * 60_000);
  const run = (overrides: Parameters<typeof aRun>[0]) =>
    RunRepository.insert(aRun({ repositoryId: repository.id, taskId, ...overrides }));
  const ended = { queuedAt: ago(12), startedAt: ago(11), finishedAt: ago(1) };
  await run({ ...ended, status: 'succeeded', outcome: 'gate_green' });
  await run({ ...ended, status: 'failed', outcome: 'gate_red', waitedMs: 60_000 });
  await run({ ...ended, status: 'failed', outcome: 'gate_red' });
  await run({ ...ended, status: 'failed', outcome: 'model_error', finishedAt: ago(60 * 30), startedAt: ago(60 * 31) });
  await run({
    ...ended,
    status: 'failed',
    outcome: 'diverged',
    origin: { kind: 'replay', runId: 'r', turn: null, instruction: null },
  });
  const leased = { status: 'running', startedAt: ago(5), phase: 'agent' } as const;
  await run({ ...leased, leaseOwner: 'host:1:a', leaseToken: 2, leaseExpiresAt: ago(-1) });
  await run({ ...leased, leaseOwner: 'host:2:b', leaseToken: 1, leaseExpiresAt: ago(1) });

  const { body } = await admin.get<{ hours: { succeeded: number; failed: number }[] }>('/api/v1/queue');
  expect(body).toMatchObject({
    paused: false,
    queued: 0,
    active: 0,
    workers: [
      { id: 'host:1:a', late: false, runs: [{ phase: 'agent', leaseToken: 2 }] },
      { id: 'host:2:b', late: true },
    ],
    agents: [
      { agentType: 'implementation', queued: 0, active: 0 },
      { agentType: 'review', queued: 0, active: 0 },
    ],
    failures: [{ outcome: 'gate_red', count: 2 }],
    failed: [{ outcome: 'gate_red' }, { outcome: 'gate_red' }],
    medianWaitMs: 60_000,
    medianRunMs: 600_000,
  });
  expect(body.hours).toHaveLength(24);
  const sum = (key: 'succeeded' | 'failed') => body.hours.reduce((total, hour) => total + hour[key], 0);
  expect([sum('succeeded'), sum('failed')]).toEqual([1, 2]);
});

it('can be paused and resumed', async () => {
  expect((await admin.post('/api/v1/queue/pause')).body).toMatchObject({ paused: true });
  expect((await admin.get('/api/v1/queue')).body).toMatchObject({ paused: true });
  expect((await admin.post('/api/v1/queue/resume')).body).toMatchObject({ paused: false });
});
