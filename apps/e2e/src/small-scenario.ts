import { startModelServer, type ModelServer, type Script, type ScriptedTurn } from '@teko/testing';
import { onEnd } from './resources';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { TekoProcess } from './teko-process';

/* Scripted turns and tasks for the small repository. */

export const write = (path: string, content: string): ScriptedTurn => ({
  toolCalls: [{ name: 'write_file', args: { path, content } }],
});
export const solve = write('answer.txt', '42\n');
/** Finishes the task; `what` makes the commit message unique. */
export const finishAs = (what: string): ScriptedTurn => ({
  toolCalls: [{ name: 'finish', args: { title: `Fix the answer${what && `, ${what}`}`, summary: 'It is 42.' } }],
});
export const finish = finishAs('');
export const plan = (...files: string[]): ScriptedTurn => ({
  toolCalls: [{ name: 'propose_plan', args: { plan: 'Write 42 where 41 stands.', files } }],
});

/** Starts a model server with a script, which is closed at the end of the test or file. */
export async function startModel(script: Script): Promise<ModelServer> {
  const server = await startModelServer(script);
  onEnd(() => server.close());
  return server;
}

/** Returns the settings with which Teko uses the model server. */
export function modelEnv(server: ModelServer): Record<string, string> {
  return { TEKO_MODEL: 'openai:scripted', OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: 'scenario-key' };
}

/** Starts a Teko and its model server with a script. */
export async function startScripted(script: Script, env = {}): Promise<{ server: ModelServer; teko: TekoProcess }> {
  const server = await startModel(script);
  return { server, teko: await (await TekoProcess.start({ ...modelEnv(server), ...env })).signIn() };
}

/** Creates the small repository with the given rules and a task for it; returns the task. */
export async function addSmallTask(teko: TekoProcess, rules = {}) {
  const source = { name: 'small', url: smallRepository(), testCommand: SMALL_TEST, ...rules };
  const { id: repositoryId } = await teko.post('/repositories', source);
  return teko.post('/tasks', { repositoryId, kind: 'implement', title: 'The answer is wrong' });
}
