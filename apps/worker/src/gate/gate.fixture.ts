import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerOfCommand, type GateReport, type Sandbox, type SandboxSession, type Task } from '@teko/domain';
import { CanaryCache, Gate, TestRuns } from '@teko/execution';
import { LocalGitMirrors } from '@teko/local';
import { systemClock } from '@teko/platform';
import { DEFAULT_SANDBOX_LIMITS } from '@teko/sandbox';
import { aRepository, aRun, aTask, inMemoryRepositories } from '@teko/testing';

const MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

/** Contents by path; null deletes the file. */
export type Files = Record<string, string | null>;

export interface ProjectOptions {
  files: Files;
  test: string;
  setup?: string;
  /** Installed packages that are in node_modules of each checkout, with what they need. */
  packages?: string[];
}

/** Runs gates as a worker does, on real commits and in a real sandbox. */
export class GateFixture {
  private readonly folder = mkdtempSync(join(tmpdir(), 'teko-gate-'));
  readonly mirrors = new LocalGitMirrors(join(this.folder, 'home'));
  readonly rows = inMemoryRepositories();
  private count = 0;

  constructor(readonly sandbox: Sandbox) {
    chmodSync(this.folder, 0o755);
  }

  newPath(name: string): string {
    return join(this.folder, `${++this.count}-${name}`);
  }

  /** Creates a repository with the files in its first commit. */
  project(options: ProjectOptions): GateProject {
    const path = this.newPath('source');
    mkdirSync(path);
    git(path, 'init', '--quiet', '--initial-branch=main');
    commit(path, options.files);
    return new GateProject(this, path, options);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A repository to change. Its base is tested once. */
export class GateProject {
  private readonly repository;
  private base: ReturnType<Gate['testBase']> | null = null;
  private changes = 0;

  constructor(
    private readonly fixture: GateFixture,
    private readonly path: string,
    private readonly options: ProjectOptions,
  ) {
    this.repository = aRepository({ url: path });
  }

  /** Returns the report of the gate for a change. */
  async verify(change: Files, taskFields: Partial<Task> = {}): Promise<GateReport> {
    const { fixture, repository, path } = this;
    const branch = `work-${++this.changes}`;
    git(path, 'checkout', '--quiet', '-b', branch, 'main');
    commit(path, change);
    git(path, 'checkout', '--quiet', 'main');
    if (this.changes === 1) await fixture.rows.RepositoryRepository.insert(repository);
    const { headCommit } = await fixture.mirrors.sync(repository);
    const result = await fixture.mirrors.resolve(repository.id, branch);
    const task = await fixture.rows.TaskRepository.insert(aTask({ repositoryId: repository.id, ...taskFields }));
    const gate = this.gateOf(task);
    this.base ??= gate.testBase(headCommit);
    return gate.verify(await this.base, result!);
  }

  private gateOf(task: Task): Gate {
    const { fixture, repository, options } = this;
    const run = aRun({ repositoryId: repository.id, taskId: task.id, sandbox: fixture.sandbox.kind });
    const { test, setup = null } = options;
    const runs = new TestRuns(
      run,
      { setup, test, runner: runnerOfCommand(test), lint: null, build: null },
      fixture.mirrors,
      (name, commitId, use) => this.withCheckout(run.id, name, commitId, use),
      // Steps are not stored.
      {
        step: async (_key: string, _kind: string, _title: string, _input: object, work: () => Promise<object>) =>
          work(),
      } as never,
      new AbortController().signal,
    );
    return new Gate(task, runs, new CanaryCache(fixture.rows.StoredItemRepository, systemClock));
  }

  private async withCheckout<T>(
    runId: string,
    name: string,
    commitId: string,
    use: (session: SandboxSession) => Promise<T>,
  ): Promise<T> {
    const workspace = this.fixture.newPath(name);
    await this.fixture.mirrors.checkout(this.repository.id, commitId, workspace);
    chmodSync(workspace, 0o755);
    linkPackages(this.options.packages ?? [], join(workspace, 'node_modules'));
    const session = await this.fixture.sandbox.open({ runId, workspace, limits: DEFAULT_SANDBOX_LIMITS });
    try {
      return await use(session);
    } finally {
      await session.close();
      rmSync(workspace, { recursive: true, force: true });
    }
  }
}

function git(path: string, ...args: string[]): void {
  execFileSync('git', ['-C', path, '-c', 'user.name=T', '-c', 'user.email=t@localhost', ...args]);
}

function commit(path: string, files: Files): void {
  writeFiles(path, files);
  git(path, 'add', '--all', '--force');
  git(path, 'commit', '--quiet', '--allow-empty', '--message', 'Change');
}

function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    if (content === null) {
      rmSync(file, { recursive: true });
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Installs packages with all that they depend on. */
function linkPackages(names: string[], target: string): void {
  if (names.length === 0) return;
  const found = new Set<string>();
  const visit = (folder: string) => {
    for (const name of dependenciesOf(folder)) {
      if (found.has(name) || !existsSync(join(MODULES, name, 'package.json'))) continue;
      found.add(name);
      visit(join(MODULES, name));
    }
    for (const nested of packagesIn(join(folder, 'node_modules'))) visit(nested);
  };
  for (const name of names) {
    found.add(name);
    visit(join(MODULES, name));
  }
  mkdirSync(target, { recursive: true });
  execFileSync('cp', ['-al', '--parents', ...found, target], { cwd: MODULES });
  mkdirSync(join(target, '.bin'));
  for (const name of names) {
    const { bin } = manifestOf(join(MODULES, name));
    const path = typeof bin === 'string' ? bin : bin?.[name];
    if (path) symlinkSync(join('..', name, path), join(target, '.bin', name));
  }
}

interface Manifest {
  bin?: string | Record<string, string>;
  dependencies?: object;
  optionalDependencies?: object;
  peerDependencies?: object;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function dependenciesOf(folder: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = manifestOf(folder);
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

function packagesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder).filter((name) => !name.startsWith('.'));
  const all = entries.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((scoped) => join(name, scoped)) : [name],
  );
  return all.map((name) => join(folder, name)).filter((path) => existsSync(join(path, 'package.json')));
}
