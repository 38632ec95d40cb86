import type { ModelServer, ScriptedTurn } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually';
import { requirePackages } from './required-packages';
import { sharedTeko } from './shared-teko';
import { addSmallTask, finish, modelEnv, solve } from './small-scenario';

requirePackages('bubblewrap');

const TURNS: ScriptedTurn[] = [solve, finish];
const DOWN: ScriptedTurn = { status: 503, headers: { 'retry-after': '0' } };

const envWithWait = (seconds: string) => (server: ModelServer) => ({
  ...modelEnv(server),
  TEKO_OUTAGE_WAIT_SECONDS: seconds,
});

describe('with a wait time for outages', () => {
  const shared = sharedTeko(envWithWait('4'));

  it('suspends a run during an outage of the provider and repeats no recorded model call', async () => {
    const { teko, server } = shared;
    let down = true;
    shared.useScript(({ turn }) => (turn === 1 && down ? DOWN : TURNS[turn]!));
    const task = await addSmallTask(teko);
    const waiting = await eventually(
      async () => {
        const [run] = await teko.rows(`/runs?taskId=${task.id}`);
        expect(run).toMatchObject({ status: 'waiting', pauses: 1 });
        const found = await teko.get(`/tasks/${task.id}`);
        expect(found).toMatchObject({ status: 'queued', statusReason: run!.outcomeDetail });
        return run!;
      },
      { interval: 50 },
    );
    expect(waiting.outcomeDetail).toMatch(/Waiting until .*Z: the provider failed with status 503\./);
    down = false;
    const run = await teko.finishedRun(task.id);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', id: waiting.id });
    expect(server.calls.filter(({ turn }) => turn === 0)).toHaveLength(1);
    expect(run.waitedMs).toBeGreaterThan(1000);
  });

  it('fails a run at once after an error that is not temporary', async () => {
    const { teko } = shared;
    shared.useScript(() => ({ status: 401 }));
    const rejected = await addSmallTask(teko);
    const run = await teko.finishedRun(rejected.id);
    expect(run).toMatchObject({ status: 'failed', outcome: 'model_error', pauses: 0 });
    expect(run.outcomeDetail).toContain('check OPENAI_API_KEY');
  });
});

describe('without a wait time for outages', () => {
  const shared = sharedTeko(envWithWait('0'));

  it('fails a run at once after an outage', async () => {
    const { teko } = shared;
    shared.useScript(() => DOWN);
    const task = await addSmallTask(teko);
    expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'failed', outcome: 'model_error', pauses: 0 });
  });
});

describe('with a fallback model', () => {
  const shared = sharedTeko((server) => ({
    ...modelEnv(server),
    TEKO_FALLBACK_MODEL: 'anthropic:scripted',
    ANTHROPIC_BASE_URL: server.url,
    ANTHROPIC_API_KEY: 'scenario-key',
  }));

  it('continues with the fallback model if the first one does not respond', async () => {
    const { teko, server } = shared;
    shared.useScript(({ provider, turn }) => (provider === 'openai' ? DOWN : TURNS[turn]!));
    const task = await addSmallTask(teko);
    const run = await teko.finishedRun(task.id);
    expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', pauses: 0 });
    const answered = server.calls.filter(({ provider }) => provider === 'anthropic');
    expect(answered.map(({ turn }) => turn)).toEqual([0, 1]);
    const steps = await teko.rows<{ title: string }>(`/runs/${run.id}/steps`);
    expect(steps.map(({ title }) => title)).toContain('openai:scripted does not respond; using anthropic:scripted');
  });
});
