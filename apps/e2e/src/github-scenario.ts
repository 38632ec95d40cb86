import { execFileSync } from 'node:child_process';
import type { ModelServer, Script, ScriptedRequest, ScriptedTurn } from '@teko/testing';
import { eventually } from './eventually';
import { startGithub, type Github, type GithubSetup } from './github-emulator';
import { untilFileEnds } from './resources';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { finish, modelEnv, startModel, write } from './small-scenario';
import { TekoProcess } from './teko-process';

export const REPO = 'octo/shop';

/** Teko with its own GitHub emulator and one managed small repository. */
export interface GithubScenario {
  github: Github;
  teko: TekoProcess;
  model: ModelServer;
  repositoryId: string;
  /** Kills Teko and starts it again on the same data. */
  restart(): Promise<void>;
  /** Stops everything before the end of the test or file, at which it is stopped anyway. */
  close(): Promise<void>;
}

/** The agent writes 42. If the prompt contains a review it adds a comment and replies in the thread. */
export const solveThenRevise = ({ turn, text }: Pick<ScriptedRequest, 'turn' | 'text'>): ScriptedTurn => {
  const thread = /\[thread (\d+)\]/.exec(text)?.[1];
  if (!thread) return turn === 0 ? write('answer.txt', '42\n') : finish;
  if (turn === 0) return write('answer.txt', '42 # as asked\n');
  const reply = { name: 'reply_to_thread', args: { thread, body: 'Added a comment.' } };
  return turn === 1 ? { toolCalls: [reply] } : finish;
};

export async function startGithubScenario(
  script: Script = solveThenRevise,
  {
    setup = {},
    env = {},
    rules = {},
  }: { setup?: Partial<GithubSetup>; env?: Record<string, string>; rules?: object } = {},
): Promise<GithubScenario> {
  const model = await startModel(script);
  const github = await startGithub({
    repositories: [{ name: REPO, path: smallRepository() }],
    users: [
      { login: 'ada', role: 'write', name: 'Ada' },
      { login: 'grace', role: 'admin' },
      { login: 'mallory', role: 'none' },
    ],
    ...setup,
  });
  const settings = {
    ...modelEnv(model),
    ...github.env,
    TEKO_FOLLOW_UP_SECONDS: '1',
    TEKO_OUTAGE_WAIT_SECONDS: '1',
    ...env,
  };
  const scenario = {
    github,
    model,
    teko: await TekoProcess.start(settings),
    repositoryId: '',
    restart: async () => {
      await scenario.teko.kill('SIGKILL');
      const { home } = scenario.teko;
      scenario.teko = await (await untilFileEnds(() => TekoProcess.start(settings, home))).signIn();
      github.webhooks.deliverTo(`${scenario.teko.url}/webhooks/github`);
    },
    close: async () => {
      await scenario.teko.stop();
      await github.close();
    },
  };
  await scenario.teko.signIn();
  github.webhooks.deliverTo(`${scenario.teko.url}/webhooks/github`);
  const repository = await scenario.teko.post('/repositories/imports', { forgeName: REPO, ...rules });
  scenario.repositoryId = repository.id;
  await scenario.teko.patch(`/repositories/${repository.id}`, { testCommand: SMALL_TEST });
  return scenario;
}

/** Waits for the task of an issue. */
export async function taskOf({ teko }: GithubScenario, issue: number) {
  return eventually(async () => {
    const tasks = await teko.rows(`/tasks?source=github&perPage=100`);
    const found = tasks.filter(({ issueNumber, kind }) => issueNumber === issue && kind === 'implement');
    if (found.length !== 1) throw new Error(`${found.length} tasks of issue ${issue}\n${teko.output.slice(-2000)}`);
    return found[0]!;
  });
}

/** Waits until the task of an issue has this status. */
export async function taskWithStatus(scenario: GithubScenario, issue: number, status: string, timeout?: number) {
  return eventually(
    async () => {
      const task = await taskOf(scenario, issue);
      if (task.status !== status)
        throw new Error(
          `task is ${String(task.status)}: ${String(task.statusReason)}\n${scenario.teko.output.slice(-3000)}`,
        );
      return task;
    },
    { timeout, interval: 200 },
  );
}

/** Returns the change of a task. Throws if there is none. */
export async function changeOf({ teko }: GithubScenario, taskId: string) {
  const [change] = await teko.rows(`/changes?taskId=${taskId}`);
  if (!change) throw new Error('the task has no change');
  return change;
}

/** Returns the comments on an issue or pull request as `login: text`. */
export async function commentsOn({ github }: GithubScenario, number: number): Promise<string[]> {
  const [owner, repo] = REPO.split('/') as [string, string];
  const { octokit } = github.as('grace');
  const { data } = await octokit.rest.issues.listComments({ owner, repo, issue_number: number, per_page: 100 });
  return data.map(({ user, body }) => `${user?.login}: ${body}`);
}

export async function pullRequestsOf({ github }: GithubScenario) {
  const [owner, repo] = REPO.split('/') as [string, string];
  const { data } = await github.as('grace').octokit.rest.pulls.list({ owner, repo, state: 'all', per_page: 100 });
  return data;
}

/** Returns the text of a file on a branch of the repository that git serves. */
export function fileOn({ github }: GithubScenario, branch: string, path: string): string {
  return execFileSync('git', ['-C', github.git(REPO), 'show', `${branch}:${path}`]).toString();
}
