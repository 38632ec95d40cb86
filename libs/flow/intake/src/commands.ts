import { TASK_PRIORITIES, type TaskPriority } from '@teko/contracts';
import { spokenLines } from '@teko/domain';

export const COMMANDS = [
  'implement',
  'plan',
  'review',
  'split',
  'size',
  'stop',
  'retry',
  'approve',
  'reject',
  'help',
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** What somebody wants of Teko. */
export interface Command {
  /** Null where no known word follows the name: then the text says it. */
  name: CommandName | null;
  base: string | null;
  priority: TaskPriority | null;
  allowTestChanges: boolean;
  /** What was said besides. */
  text: string;
  /** What was not understood, for the answer. */
  faults: string[];
}

/** What a comment asks of one of `names`; null where none is named at the start of a line that its author speaks. */
export function commandIn(body: string, names: string[]): Command | null {
  const lines = spokenLines(body);
  const called = new RegExp(`^\\s*@(?:${names.map(escaped).join('|')})(?![\\w-])[:,]?\\s*(.*)$`, 'iu');
  const at = lines.findIndex((line) => called.test(line));
  if (at < 0) return null;
  const [first = '', ...rest] = called.exec(lines[at]!)![1]!.trim().split(/\s+/);
  const word = first.toLowerCase().replace(/[.!,:]+$/, '');
  const name = COMMANDS.find((command) => command === word) ?? null;
  const words = name ? rest : [first, ...rest];
  const command: Command = { name, base: null, priority: null, allowTestChanges: false, text: '', faults: [] };
  const free = words.filter((item) => !takeOption(command, item));
  command.text = [free.join(' '), ...lines.slice(at + 1)].join('\n').trim();
  return command;
}

/** Reads `key=value`; false for anything else. */
function takeOption(command: Command, item: string): boolean {
  const [, key, value] = /^([a-z]+)=(\S+)$/.exec(item) ?? [];
  if (!key || !value) return false;
  if (key === 'base') command.base = value;
  else if (key === 'priority' && isPriority(value)) command.priority = value;
  else if (key === 'tests' && value === 'allow') command.allowTestChanges = true;
  else command.faults.push(item);
  return true;
}

const isPriority = (value: string): value is TaskPriority => (TASK_PRIORITIES as readonly string[]).includes(value);

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export const HELP = `Write \`@teko\` and a command at the start of a line:

- \`implement\`: work on this issue. Options: \`base=BRANCH\`, \`priority=low|normal|high|urgent\`, \`tests=allow\` (existing tests may be altered)
- \`plan\`: the same, with a plan to approve before anything is changed
- \`approve\` or \`reject\`: answer what a run waits for; what follows is a note to it
- \`review\`: review the change of this issue
- \`retry\`: one more run, with the text of the issue as it is now
- \`stop\`: end what is under way
- \`help\`: this

Without a command, what you write is an answer, a wish for a change that is in review, or a new task.`;
