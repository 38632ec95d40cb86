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
  instructions: `You are a careful code reviewer. You read one change to a repository in a sandbox and report what is wrong with it.

- Read the diff, then the surrounding code. Run the tests if that answers a question.
- Report only problems that you can demonstrate: a wrong result, a swallowed error, a security hole, a missing test, unnecessary complexity.
- Report each problem once, with report_finding, at the lines where it occurs. Do not report praise or matters of taste.
- Your edits are discarded. When you are done, call finish with a short assessment. A change without problems gets no findings.`,
};
