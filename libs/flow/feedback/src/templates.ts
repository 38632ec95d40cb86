import {
  neutralize,
  type Change,
  type Finding,
  type FinishReport,
  type GateReport,
  type Run,
  type Task,
  type TestExecution,
} from '@teko/domain';

const MAX_SLUG_LENGTH = 40;
const MAX_OUTPUT_LENGTH = 3_000;

/** Returns `teko/<task>-<slug>`, a valid git ref for any title. */
export function branchName(task: Pick<Task, 'number' | 'title'>): string {
  const slug = task.title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const shortened =
    slug.length > MAX_SLUG_LENGTH
      ? slug
          .slice(0, MAX_SLUG_LENGTH + 1)
          .replace(/-[^-]*$/, '')
          .slice(0, MAX_SLUG_LENGTH)
      : slug;
  return shortened ? `teko/${task.number}-${shortened}` : `teko/${task.number}`;
}

/** Returns the body of a pull request: summary, test evidence, acceptance criteria, open points and cost. */
export function changeBody(input: {
  run: Run;
  task: Task;
  gate: GateReport;
  report: FinishReport;
  /** Link to the run, or null if TEKO_URL is not set. */
  runUrl: string | null;
}): string {
  const { run, task, gate, report, runUrl } = input;
  const { summary, notDone = '', criteria = [] } = report;
  const runLink = runUrl ? `[run ${run.number}](${runUrl})` : `run ${run.number}`;
  return [
    `## Summary\n\n${neutralize(summary.trim()) || 'The agent did not write a summary.'}`,
    `## How it was tested\n\n${gate.reason}\n\n${gate.executions.map(executionLine).join('\n')}${testList('Fixed', gate.fixed)}${testList('Still failing, as before this change', gate.oldFailures)}${outputOf(gate)}`,
    criteria.length > 0 &&
      `## Acceptance criteria\n\n${criteria.map(({ criterion, evidence }) => `- ${neutralize(criterion)}\n  ${neutralize(evidence)}`).join('\n')}`,
    notDone.trim() && `## Not done\n\n${neutralize(notDone.trim())}`,
    `## Cost\n\n${costLine(run)}`,
    `Task ${task.number}, ${runLink}.${task.issueNumber ? ` Closes #${task.issueNumber}.` : ''}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Returns the end of the last test run's output. */
function outputOf({ executions }: GateReport): string {
  const output = executions.at(-1)?.output.trim().slice(-MAX_OUTPUT_LENGTH);
  if (!output) return '';
  const fence = '`'.repeat(Math.max(3, ...[...output.matchAll(/`+/g)].map(([marks]) => marks.length + 1)));
  return `\n\n<details><summary>Test output</summary>\n\n${fence}\n${output}\n${fence}\n\n</details>`;
}

/** Returns the text of a draft with unfinished work. Names the issue without a keyword that would close it. */
export function unfinishedText(task: Task, run: Run): { title: string; body: string; owners: string[] } {
  const closes = task.issueNumber ? ` It is intended to close issue ${task.issueNumber}.` : '';
  return {
    title: `${neutralize(task.title)} (unfinished)`,
    body: `This is unfinished work: run ${run.number} of task ${task.number} stopped before its result was proven.${closes}`,
    owners: [],
  };
}

/** Returns the comment for a change that was proven. */
export function deliveredComment({ run, change, gate }: { run: Run; change: Change; gate: GateReport }): string {
  const { number, pullRequestNumber, branch } = change;
  const subject = pullRequestNumber ? `Pull request #${pullRequestNumber}` : `Change ${number}`;
  return `${subject} is ready on branch \`${branch}\`.\n\n${gate.reason}\n\n${costLine(run)}`;
}

/** Returns the comment for a run that ended with a review, or without a proven change. */
export function reportComment(run: Run, findings: Finding[] | undefined): string {
  if (run.outcome === 'reviewed') {
    const count = findings?.length ?? 0;
    const lines = (findings ?? []).map((f) => `- **${f.severity}** \`${f.path}:${f.startLine}\` ${f.title}`);
    return [
      `The review found ${count === 0 ? 'no issues' : count === 1 ? 'one issue' : `${count} issues`}.`,
      ...lines,
    ].join('\n');
  }
  const resumePointText = run.resumePoint
    ? `\n\nThe work can be continued from here:\n\n\`\`\`json\n${JSON.stringify(run.resumePoint, null, 2)}\n\`\`\``
    : '';
  return `Run ${run.number} ended without a proven change (${run.outcome ?? run.status}).\n\n${run.outcomeDetail ?? ''}\n\n${costLine(run)}${resumePointText}`;
}

function executionLine(execution: TestExecution): string {
  const label = { base: 'before', head: 'after', 'head-with-base-tests': 'after, with the original tests' }[
    execution.tree
  ];
  const result = execution.timedOut
    ? 'timed out'
    : execution.exitCode === 0
      ? 'passed'
      : `failed (exit code ${execution.exitCode ?? 'none'})`;
  const tests = execution.tests ? `, ${execution.tests.passed} of ${execution.tests.total} tests passed` : '';
  return `- ${label}: \`${execution.command}\` ${result}${tests}, ${(execution.durationMs / 1000).toFixed(1)} s`;
}

function testList(title: string, tests: string[]): string {
  return tests.length === 0 ? '' : `\n\n${title}:\n${tests.map((test) => `- \`${test}\``).join('\n')}`;
}

function costLine(run: Run): string {
  const cost = run.costMicros === null ? 'price unknown' : `$${(run.costMicros / 1e6).toFixed(4)}`;
  return `${run.turns} turns, ${run.inputTokens} input tokens, ${run.outputTokens} output tokens, ${cost}.`;
}
