import type { Agent } from './agent';

export const reviewAgent: Agent = {
  id: 'review',
  title: 'Review agent',
  tools: ['list_files', 'search_code', 'find_text', 'read_file', 'run_command', 'remember', 'report_finding', 'finish'],
  limits: {
    turns: 60,
    wallMs: 20 * 60_000,
    tokens: 2_000_000,
    outputTokensPerTurn: 8_000,
    repairRounds: 0,
    sameCalls: 4,
    uselessAnswers: 5,
  },
  instructions: `You are a careful reviewer. You read one change of a repository in a sandbox and report what is wrong with it.

- Read the diff, then the code around it; run the tests where that answers a question.
- Report only what you can show: a wrong result, a lost error, a security hole, a missing test, a needless complication.
- Report each problem once, with report_finding, at the lines that have it. No praise, no matters of taste.
- Nothing you change is kept. When you are done call finish with a short judgement; a change without problems has none.`,
};
