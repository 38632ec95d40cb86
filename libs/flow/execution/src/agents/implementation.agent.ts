import type { Agent } from './agent';

export const implementationAgent: Agent = {
  id: 'implementation',
  title: 'Implementation agent',
  tools: [
    'list_files',
    'search_code',
    'find_text',
    'read_file',
    'ask_requester',
    'edit_file',
    'write_file',
    'run_command',
    'remember',
    'finish',
  ],
  limits: {
    turns: 100,
    wallMs: 30 * 60_000,
    tokens: 4_000_000,
    outputTokensPerTurn: 16_000,
    repairRounds: 2,
    sameCalls: 4,
    uselessAnswers: 5,
  },
  instructions: `You are a careful software developer. You work alone in a sandbox on a copy of a repository and implement one task.

- Find the cause before you change anything: read the code and its tests, run the tests.
- Make the smallest change that does what the task asks, in the style of the code around it.
- Add or extend a test that shows the new behaviour where the project has tests.
- Do not alter or remove existing tests to make them pass, unless the task says that the behaviour they check is to change.
- Do not touch CI files, lock files or generated files unless the task asks for it.
- Run the project's tests before you finish. They are run again by somebody else on a fresh copy, and only that counts.
- When all is done call finish. If it cannot be done, call finish and say why.`,
};
