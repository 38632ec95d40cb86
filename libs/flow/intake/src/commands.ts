import { TASK_PRIORITIES, type TaskPriority } from '@teko/contracts';
import { authoredLines } from '@teko/domain';

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

/** An instruction to Teko in a comment or an issue. */
export interface Command {
  /** The command after the mention, or null if the text is a free-form instruction. */
  name: CommandName | null;
  base: string | null;
  priority: TaskPriority | null;
  allowTestChanges: boolean;
  /** The rest of the comment. */
  text: string;
  /** Options with an unknown key or value. */
  unknownOptions: string[];
}

/**
 * Parses the first line that starts with a mention of one of `names`, or returns null if there is none. Quotes, code and
 * hidden text are skipped.
 */
export function parseCommand(body: string, names: string[]): Command | null {
  const lines = authoredLines(body);
  const mention = new RegExp(`^\\s*@(?:${names.map(escapeRegExp).join('|')})(?![\\w-])[:,]?\\s*(.*)$`, 'iu');
  const at = lines.findIndex((line) => mention.test(line));
  if (at < 0) return null;
  const [first = '', ...rest] = mention.exec(lines[at]!)![1]!.trim().split(/\s+/);
  const word = first.toLowerCase().replace(/[.!,:]+$/, '');
  const name = COMMANDS.find((command) => command === word) ?? null;
  const words = name ? rest : [first, ...rest];
  const command: Command = { name, base: null, priority: null, allowTestChanges: false, text: '', unknownOptions: [] };
  const free = words.filter((item) => !applyOption(command, item));
  command.text = [free.join(' '), ...lines.slice(at + 1)].join('\n').trim();
  return command;
}

/** Applies an option of the form `key=value`. Returns false for anything else. */
function applyOption(command: Command, item: string): boolean {
  const [, key, value] = /^([a-z]+)=(\S+)$/.exec(item) ?? [];
  if (!key || !value) return false;
  if (key === 'base') command.base = value;
  else if (key === 'priority' && isPriority(value)) command.priority = value;
  else if (key === 'tests' && value === 'allow') command.allowTestChanges = true;
  else command.unknownOptions.push(item);
  return true;
}

const isPriority = (value: string): value is TaskPriority => (TASK_PRIORITIES as readonly string[]).includes(value);

function escapeRegExp(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export const HELP = `Write \`@teko\` and a command at the start of a line:

- \`implement\`: work on this issue. Options: \`base=BRANCH\`, \`priority=low|normal|high|urgent\`, \`tests=allow\` (allows changes to existing tests)
- \`plan\`: like \`implement\`, but ask for approval of a plan before changing anything
- \`approve\` or \`reject\`: decide on what a run is waiting for; the rest of the comment becomes a note for the agent
- \`review\`: review the open change for this issue
- \`retry\`: start another run with the current text of the issue
- \`stop\`: cancel the unfinished runs
- \`help\`: show this list

Without a command, your text is an answer to a question, feedback on a change in review, or a new task.`;
