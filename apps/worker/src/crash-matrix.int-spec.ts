import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import * as domain from '@teko/domain';
import { ExecutionService } from '@teko/execution';
import { LocalForge, LocalGitMirrors } from '@teko/local';
import { readSettings, systemClock, TEKO_SETTINGS, TekoSettings, uuids } from '@teko/platform';
import { InProcessEventBus, InProcessRunQueue } from '@teko/queue';
import { createSandbox } from '@teko/sandbox';
import {
  aCodebaseProfile,
  aRepository,
  aRun,
  aTask,
  InMemoryMemory,
  inMemoryRepositories,
  SAMPLE_EVERY,
  sampleOf,
  type RepositorySet,
} from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKER_ID } from './worker-id';
import { WorkerModule } from './worker.module';

/** Methods that only read: a crash after a read equals a crash after the previous write. */
const READ =
  /^(find|list|get|count|blobs$|writes$|latest|head$|usedMicros$|queueHeads|branchCommit|permissionOf|sync|resolve|tree|checkout|checkUrl$|diff|isAncestor|commitInfo)/;

const sandbox = await createSandbox({ kind: 'bubblewrap', image: '' });
const missing = await sandbox.unavailableReason();
if (missing && process.env.CI) throw new Error(missing);

const quiet = () => undefined;

/** Simulates a process that crashes after its n-th write, or after a given one: all later calls to ports fail. */
class CrashingProcess {
  writes = 0;
  readonly names: string[] = [];
  crashed = false;

  constructor(private readonly crashAfter: number | ((write: string, args: unknown[]) => boolean)) {}

  private isLast(write: string, args: unknown[]): boolean {
    return typeof this.crashAfter === 'number' ? this.writes === this.crashAfter : this.crashAfter(write, args);
  }

  wrap<T extends object>(port: string, target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member !== 'function' || typeof name !== 'string') return member;
        return async (...args: unknown[]) => {
          if (this.crashed) throw new Error('this process has already crashed');
          const result = (await (member as (...all: unknown[]) => unknown).apply(object, args)) as unknown;
          if (READ.test(name)) return result;
          this.names.push(`${port}.${name}`);
          this.writes++;
          if (this.isLast(`${port}.${name}`, args)) {
            this.crashed = true;
            throw new Error('this process has crashed');
          }
          return result;
        };
      },
    });
  }
}

describe.skipIf(missing)(missing ? `skipped: ${missing}` : 'a worker that crashes after any of its writes', () => {
  let folder: string;
  let source: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'teko-crash-'));
    source = join(folder, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'answer.txt'), '41\n');
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', source, '-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args]);
    git('init', '--quiet', '--initial-branch=main');
    git('add', '-A');
    git('commit', '--quiet', '--message', 'First');
  });
  afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));

  /** Creates an installation with a queued run. */
  async function installation(name: string) {
    const home = join(folder, name);
    const stores = inMemoryRepositories();
    const mirrors = new LocalGitMirrors(home);
    const repository = aRepository({ url: source, testCommand: 'grep -q 42 answer.txt' });
    await stores.RepositoryRepository.insert(repository);
    const { headCommit } = await mirrors.sync(repository);
    await stores.CodebaseProfileRepository.save(
      aCodebaseProfile({ repositoryId: repository.id, commit: headCommit, toolchains: [] }),
    );
    const task = await stores.TaskRepository.insert(aTask({ repositoryId: repository.id, status: 'queued' }));
    const run = await stores.RunRepository.insert(
      aRun({ repositoryId: repository.id, taskId: task.id, startedAt: null, queuedAt: new Date() }),
    );
    /** Turns of all model calls, in order. */
    const calledTurns: number[] = [];
    return { home, stores, repository, task, run, calledTurns };
  }
  type Installation = Awaited<ReturnType<typeof installation>>;

  const TURNS: domain.ToolCall[] = [
    { id: 'a', name: 'write_file', args: { path: 'answer.txt', content: '42\n' } },
    { id: 'b', name: 'finish', args: { title: 'Correct the answer', summary: 'It is 42.' } },
  ];

  /** Starts a worker of the installation, without its jobs. */
  async function worker({ home, stores, calledTurns }: Installation, crashing: CrashingProcess) {
    const models: domain.LanguageModels = {
      complete: async ({ messages }) => {
        const turn = messages.filter(({ role }) => role === 'assistant').length;
        calledTurns.push(turn);
        const usage = { input: 10, cacheRead: 0, cacheWrite: 0, output: 5 };
        return { content: '', toolCalls: [TURNS[turn]!], usage, stopReason: 'tool_calls' };
      },
      modelFor: () => ({ model: 'x:y', fallback: null, missingSetting: null }),
      missingSettingFor: () => null,
      price: () => 1,
      maxPrice: () => 2,
    };
    const settings = readSettings(TEKO_SETTINGS, { TEKO_HOME: home });
    const names = Object.keys(stores) as (keyof RepositorySet)[];
    const providers = [
      ...names.map((name) => ({ provide: domain[name], useValue: crashing.wrap(name, stores[name]) as unknown })),
      { provide: TekoSettings, useValue: settings },
      { provide: domain.Clock, useValue: systemClock },
      { provide: domain.Ids, useValue: uuids },
      { provide: domain.GitMirrors, useValue: crashing.wrap('GitMirrors', new LocalGitMirrors(home)) },
      { provide: domain.Forge, useValue: crashing.wrap('Forge', new LocalForge(home)) },
      { provide: domain.Memory, useValue: new InMemoryMemory() },
      { provide: domain.Tracker, useValue: {} },
      { provide: domain.ForgeConnection, useValue: { kind: null } },
      { provide: domain.Sandbox, useValue: sandbox },
      { provide: domain.LanguageModels, useValue: models },
      { provide: domain.RunQueue, useValue: new InProcessRunQueue() },
      { provide: domain.EventBus, useValue: new InProcessEventBus() },
    ];
    @Global()
    @Module({ providers, exports: providers.map(({ provide }) => provide) })
    class PortsModule {}
    const builder = Test.createTestingModule({ imports: [PortsModule, WorkerModule] });
    const app = await builder.setLogger({ log: quiet, warn: quiet, error: quiet }).compile();
    return app.get(ExecutionService, { strict: false });
  }

  async function expectOneOfEach({ home, stores, repository, task, run, calledTurns }: Installation, where: string) {
    const ended = await stores.RunRepository.findById(run.id);
    expect(ended, where).toMatchObject({ status: 'succeeded', outcome: 'gate_green', leaseOwner: null });
    expect(await stores.TaskRepository.findById(task.id), where).toMatchObject({ status: 'in_review' });
    const change = await stores.ChangeRepository.findByRun(run.id);
    const forge = new LocalForge(home);
    expect(await forge.branchCommit(repository, change!.branch), where).toBe(ended!.headCommit);
    const query = { page: 1, perPage: 50, sort: 'createdAt', order: 'ASC', filters: { taskId: [task.id] } } as const;
    expect((await stores.ChangeRepository.list({ ...query, filters: { taskId: [task.id] } })).total, where).toBe(1);
    expect((await stores.CommentRepository.list({ ...query, filters: { taskId: [task.id] } })).total, where).toBe(1);
    const effects = await stores.EffectRepository.findByRun(run.id);
    expect(effects.map(({ kind, status }) => `${kind} ${status}`).sort(), where).toEqual([
      'change done',
      'comment done',
      'push done',
    ]);
    expect(new Set(calledTurns), where).toEqual(new Set([0, 1]));
    expect(existsSync(join(home, 'workspaces', run.id)), where).toBe(false);
  }

  it(
    'leaves one branch, one change and one comment, and pays for no model call twice',
    { timeout: 1_800_000 },
    async () => {
      const stable = new CrashingProcess(Number.POSITIVE_INFINITY);
      const first = await installation('stable');
      await (await worker(first, stable)).execute(first.run.id, new AbortController().signal);
      await expectOneOfEach(first, 'no crash');
      expect(first.calledTurns).toEqual([0, 1]);
      expect(stable.writes).toBeGreaterThan(40);

      const matrix: string[] = [];
      const crashes = Array.from({ length: stable.writes }, (_, n) => n + 1);
      for (const n of sampleOf('crash matrix in memory', crashes, 2 * SAMPLE_EVERY)) {
        const current = await installation(`crash-${n}`);
        const crashing = new CrashingProcess(n);
        await (
          await worker(current, crashing)
        )
          .execute(current.run.id, new AbortController().signal)
          .catch(() => undefined);
        const where = `crash ${n}, after ${crashing.names.at(-1)}`;
        const calls = await current.stores.ModelCallRepository.findByRun(current.run.id);
        const recorded = calls.filter(({ status }) => status === 'done').length;
        const before = current.calledTurns.length;

        await current.stores.RunRepository.requeueExpired(new Date(), [WORKER_ID]);
        const successor = await worker(current, new CrashingProcess(Number.POSITIVE_INFINITY));
        await successor.execute(current.run.id, new AbortController().signal);
        await successor.sweep();
        await expectOneOfEach(current, where);
        const repeated = current.calledTurns.slice(before);
        expect(Math.min(...repeated, TURNS.length), `${where}: a recorded reply is not requested again`).toBe(recorded);
        matrix.push(`${where}: ${before} + ${repeated.length} model calls`);
        rmSync(current.home, { recursive: true, force: true });
      }
      process.stdout.write(`${matrix.join('\n')}\n`);
    },
  );

  it('ends a run at which three workers died with one comment, even if saving its work kills another one', async () => {
    const current = await installation('poison');
    const { stores, run, task } = current;
    const enterGate = (write: string, [, patch]: unknown[]) =>
      write === 'RunRepository.updateLeased' && (patch as Partial<domain.Run>).phase === 'gate';
    const executeIn = async (crashing: CrashingProcess) => {
      const execution = await worker(current, crashing);
      await execution.execute(run.id, new AbortController().signal).catch(() => undefined);
      expect(crashing.crashed, 'crashed').toBe(true);
      expect(await stores.RunRepository.requeueExpired(new Date(), [WORKER_ID])).toEqual([run.id]);
    };
    for (let n = 0; n < 3; n++) await executeIn(new CrashingProcess(enterGate));
    await executeIn(new CrashingProcess((write) => write === 'GitMirrors.importBundle'));
    const last = new CrashingProcess(Number.POSITIVE_INFINITY);
    await (await worker(current, last)).execute(run.id, new AbortController().signal);
    expect(last.names).not.toContain('GitMirrors.importBundle');

    const ended = (await stores.RunRepository.findById(run.id))!;
    expect(ended).toMatchObject({ status: 'failed', outcome: 'worker_died', workerDeaths: 4, leaseOwner: null });
    expect(ended.outcomeDetail).toContain('died 4 times');
    expect(await stores.TaskRepository.findById(task.id)).toMatchObject({ status: 'failed' });
    expect(await stores.CommentRepository.findLatest(task.id, 10)).toHaveLength(1);
    expect(await stores.RunRepository.requeueExpired(new Date(), [WORKER_ID])).toEqual([]);
    expect(current.calledTurns).toEqual([0, 1]);
  });

  it('saves the work of a run at which three workers died', async () => {
    const current = await installation('saved');
    const { stores, run } = current;
    for (let n = 0; n < 3; n++) {
      const crashing = new CrashingProcess(
        (_, [, patch]) => (patch as Partial<domain.Run> | undefined)?.phase === 'gate',
      );
      await (await worker(current, crashing)).execute(run.id, new AbortController().signal).catch(() => undefined);
      await stores.RunRepository.requeueExpired(new Date(), [WORKER_ID]);
    }
    const successor = await worker(current, new CrashingProcess(Number.POSITIVE_INFINITY));
    await successor.execute(run.id, new AbortController().signal);
    const ended = (await stores.RunRepository.findById(run.id))!;
    expect(ended).toMatchObject({ status: 'failed', outcome: 'worker_died', workerDeaths: 3 });
    expect(ended.resumePoint).toMatchObject({ outcome: 'worker_died', headCommit: ended.headCommit });
    expect(ended.headCommit).toMatch(/^[0-9a-f]{40}$/);
  });
});
