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
  sampleOf,
  type RepositorySet,
} from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKER_ID } from './worker-id';
import { WorkerModule } from './worker.module';

/** Reads change nothing, so a death beside one is the death after the write before it. */
const READ =
  /^(find|list|get|count|blobs$|writes$|latest|since|head$|after$|spent$|queueHeads|branchCommit|permissionOf|sync|resolve|tree|checkout|check$|diff)/;

const sandbox = await createSandbox({ kind: 'bubblewrap', image: '' });
const missing = await sandbox.unavailableReason();
if (missing && process.env.CI) throw new Error(missing);

const quiet = () => undefined;

/** Dies after its n-th write: from then on nothing of the process reaches anything outside it. */
class Mortal {
  writes = 0;
  readonly names: string[] = [];
  dead = false;

  constructor(private readonly dieAfter: number) {}

  wrap<T extends object>(port: string, target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member !== 'function' || typeof name !== 'string') return member;
        return async (...args: unknown[]) => {
          if (this.dead) throw new Error('this process is dead');
          const answer = (await (member as (...all: unknown[]) => unknown).apply(object, args)) as unknown;
          if (READ.test(name)) return answer;
          this.names.push(`${port}.${name}`);
          if (++this.writes === this.dieAfter) {
            this.dead = true;
            throw new Error('this process has died');
          }
          return answer;
        };
      },
    });
  }
}

describe.skipIf(missing)(missing ? `skipped: ${missing}` : 'a worker that dies after any of its writes', () => {
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

  /** A task that waits for a worker, on stores of its own. */
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
    /** Turns that the model was asked for, in order. */
    const asked: number[] = [];
    return { home, stores, repository, task, run, asked };
  }
  type Installation = Awaited<ReturnType<typeof installation>>;

  const TURNS: domain.ToolCall[] = [
    { id: 'a', name: 'write_file', args: { path: 'answer.txt', content: '42\n' } },
    { id: 'b', name: 'finish', args: { title: 'Right the answer', summary: 'It is 42.' } },
  ];

  /** A worker process of the installation, without its ticks. */
  async function worker({ home, stores, asked }: Installation, mortal: Mortal) {
    const models: domain.LanguageModels = {
      complete: async ({ messages }) => {
        const turn = messages.filter(({ role }) => role === 'assistant').length;
        asked.push(turn);
        const usage = { input: 10, cacheRead: 0, cacheWrite: 0, output: 5 };
        return { content: '', toolCalls: [TURNS[turn]!], usage, stopReason: 'tool_calls' };
      },
      modelFor: () => ({ model: 'x:y', fallback: null, missing: null }),
      missingFor: () => null,
      price: () => 1,
      worstPrice: () => 2,
    };
    const settings = readSettings(TEKO_SETTINGS, { TEKO_HOME: home });
    const names = Object.keys(stores) as (keyof RepositorySet)[];
    const providers = [
      ...names.map((name) => ({ provide: domain[name], useValue: mortal.wrap(name, stores[name]) as unknown })),
      { provide: TekoSettings, useValue: settings },
      { provide: domain.Clock, useValue: systemClock },
      { provide: domain.Ids, useValue: uuids },
      { provide: domain.GitMirrors, useValue: mortal.wrap('GitMirrors', new LocalGitMirrors(home)) },
      { provide: domain.Forge, useValue: mortal.wrap('Forge', new LocalForge(home)) },
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

  async function expectOneOfEach({ home, stores, repository, task, run, asked }: Installation, where: string) {
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
    expect(new Set(asked), where).toEqual(new Set([0, 1]));
    expect(existsSync(join(home, 'workspaces', run.id)), where).toBe(false);
  }

  it(
    'leaves one branch, one change, one comment, and pays no answered call twice',
    { timeout: 1_800_000 },
    async () => {
      const whole = new Mortal(Number.POSITIVE_INFINITY);
      const first = await installation('whole');
      await (await worker(first, whole)).execute(first.run.id, new AbortController().signal);
      await expectOneOfEach(first, 'no death');
      expect(first.asked).toEqual([0, 1]);
      expect(whole.writes).toBeGreaterThan(40);

      const matrix: string[] = [];
      const deaths = Array.from({ length: whole.writes }, (_, n) => n + 1);
      for (const n of sampleOf('crash matrix in memory', deaths)) {
        const place = await installation(`death-${n}`);
        const mortal = new Mortal(n);
        await (await worker(place, mortal)).execute(place.run.id, new AbortController().signal).catch(() => undefined);
        const where = `death ${n}, after ${mortal.names.at(-1)}`;
        const calls = await place.stores.ModelCallRepository.findByRun(place.run.id);
        const recorded = calls.filter(({ status }) => status === 'done').length;
        const before = place.asked.length;

        await place.stores.RunRepository.requeueExpired(new Date(), [WORKER_ID]);
        const heir = await worker(place, new Mortal(Number.POSITIVE_INFINITY));
        await heir.execute(place.run.id, new AbortController().signal);
        await heir.sweep();
        await expectOneOfEach(place, where);
        const again = place.asked.slice(before);
        expect(Math.min(...again, TURNS.length), `${where}: an answer that was recorded is not asked for again`).toBe(
          recorded,
        );
        matrix.push(`${where}: asked ${before} + ${again.length} calls`);
        rmSync(place.home, { recursive: true, force: true });
      }
      process.stdout.write(`${matrix.join('\n')}\n`);
    },
  );
});
