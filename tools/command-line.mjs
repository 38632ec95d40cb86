/* The arguments of `npm start`, `npm run start:api` and `npm run start:worker`. */

/**
 * Returns what to print instead of a start, with the exit code, or null if the arguments are none or one known command.
 * `commands` are descriptions by name.
 * @param {string[]} args
 * @param {{ script: string, purpose: string, commands: Record<string, string> }} usage
 */
export function answerTo(args, { script, purpose, commands }) {
  const names = Object.keys(commands);
  const width = Math.max(...names.map((name) => name.length));
  const usage = [
    `Usage: ${script}${names.length > 0 ? ' [-- COMMAND]' : ''}`,
    '',
    purpose,
    ...(names.length > 0 ? ['', 'Commands:'] : []),
    ...names.map((name) => `  ${name.padEnd(width)}  ${commands[name]}`),
    '',
    'Settings are environment variables; see docs/configuration.md.',
  ].join('\n');
  if (args.some((arg) => ['--help', '-h', 'help'].includes(arg))) return { exitCode: 0, text: usage };
  const unknown = args.find((arg, i) => i > 0 || !names.includes(arg));
  return unknown === undefined ? null : { exitCode: 2, text: `Unknown argument: ${unknown}\n\n${usage}` };
}
