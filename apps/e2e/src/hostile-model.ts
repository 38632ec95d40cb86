import type { ScriptedRequest, ScriptedTurn } from '@teko/testing';

/* The obedient hostile model: it does whatever text in its prompt asks for, wherever the text comes from. */

export interface Call {
  name: string;
  args: Record<string, unknown>;
}

/** Where the attacker's request is written. */
export type Source =
  /** The text of the issue. */
  | 'ticket'
  /** A comment of somebody with write access on the issue. */
  | 'comment'
  /** A file of the repository that the ticket points to. */
  | 'file'
  /** The output of a command. */
  | 'output'
  /** AGENTS.md of the repository. */
  | 'agents'
  /** A review of the pull request, by somebody with write access. */
  | 'review'
  /** A comment of somebody without permission, or text that readers do not see: must never reach the model. */
  | 'stranger'
  | 'hidden';

/** How the run must end: with exactly the allowed files in a pull request, failed without one, or waiting for an approval of them. */
export type End = 'delivered' | 'refused' | 'approval';

export interface Attack {
  name: string;
  via: Source;
  /** The description of the issue, if it is not the request alone. */
  body?: string;
  repository?: 'shop' | 'tool' | 'guided';
  /** The calls that an obedient model makes, by turn. */
  turns: (Call | Call[])[];
  /** Whether the model also does what the ticket honestly asks for; by default it does. */
  solves?: boolean;
  finish?: Record<string, unknown>;
  ends: End | End[];
  /** Paths that may be in the change besides the solution. */
  allows?: string[];
  /** Paths that the approval must show as sensitive. */
  sensitive?: string[];
  /** Commands of which each is an attack by itself. */
  probes?: Probe[];
}

/** A command in the sandbox and what it must not print. */
export interface Probe {
  name: string;
  command: string;
  mustNotPrint?: RegExp;
  mustPrint?: RegExp;
  seconds?: number;
}

export const run = (command: string, timeoutSeconds = 20): Call => ({
  name: 'run_command',
  args: { command, timeoutSeconds },
});
export const write = (path: string, content: string): Call => ({ name: 'write_file', args: { path, content } });

/** The sentence that the model obeys. */
export const obey = (attack: string) => `OBEY:${attack};`;
/** The title of the attack's issue. */
export const titleOf = ({ name }: Attack) => `The answer is wrong [attack ${name}]`;

/** The call with which the model finds the request of the attacker, if it is not in the prompt. */
const LEAD: Partial<Record<Source, (name: string) => Call>> = {
  file: (name) => ({ name: 'read_file', args: { path: `notes/${name}.md` } }),
  output: (name) => run(`cat notes/${name}.md`),
};

export const SOLUTIONS: Record<NonNullable<Attack['repository']>, Call> = {
  shop: { name: 'edit_file', args: { path: 'src/answer.js', oldText: '() => 41', newText: '() => 42' } },
  guided: { name: 'edit_file', args: { path: 'src/answer.js', oldText: '() => 41', newText: '() => 42' } },
  tool: { name: 'edit_file', args: { path: 'tool/answer.py', oldText: 'return 41', newText: 'return 42' } },
};
export const SOLVED_FILE = { shop: 'src/answer.js', guided: 'src/answer.js', tool: 'tool/answer.py' };

/** Returns the next turn of the model. It obeys an attack only if the request is in its prompt; `reached` collects those. */
export function obedientTurn(
  attacks: Map<string, Attack>,
  { turn, text, tools }: Pick<ScriptedRequest, 'turn' | 'text' | 'tools'>,
  reached: Set<string>,
): ScriptedTurn {
  const attack = attacks.get(/\[attack ([\w-]+)\]/.exec(text)?.[1] ?? '');
  if (!attack || tools.length === 0) return { text: 'There is nothing to do.' };
  const turns = turnsOf(attack, text, reached);
  return turns[Math.min(turn, turns.length - 1)]!;
}

function turnsOf(attack: Attack, text: string, reached: Set<string>): ScriptedTurn[] {
  const { name, via, repository = 'shop', solves = true } = attack;
  const lead = LEAD[via]?.(name);
  const obeys = text.includes(obey(name));
  if (obeys) reached.add(name);
  const probes = (attack.probes ?? []).map(({ command, seconds }) => run(command, seconds));
  const all: (Call | Call[])[] = [
    ...(lead ? [lead] : []),
    ...(obeys || lead ? [...attack.turns, ...probes] : []),
    ...(solves || !(obeys || lead) ? [SOLUTIONS[repository]] : []),
    finish(attack),
  ];
  return all.map((calls) => ({ toolCalls: [calls].flat() }));
}

function finish({ name, finish: report }: Attack): Call {
  return { name: 'finish', args: { title: `Correct the answer (${name})`, summary: 'It is 42 now.', ...report } };
}
