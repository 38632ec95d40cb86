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

const MAX_SLUG = 40;
const SHOWN_OUTPUT = 3_000;

/** `teko/<task>-<slug>`, safe as a git ref for any title. */
export function branchName(task: Pick<Task, 'number' | 'title'>): string {
  const slug = task.title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const whole =
    slug.length > MAX_SLUG
      ? slug
          .slice(0, MAX_SLUG + 1)
          .replace(/-[^-]*$/, '')
          .slice(0, MAX_SLUG)
      : slug;
  return whole ? `teko/${task.number}-${whole}` : `teko/${task.number}`;
}

/** Body of a change request: what was done, how it was proven, what was not done, what it cost. */
export function changeBody(input: {
  run: Run;
  task: Task;
  gate: GateReport;
  report: FinishReport;
  /** Where the run can be looked at; null where nobody knows the address of Teko. */
  runUrl: string | null;
}): string {
  const { run, task, gate, report, runUrl } = input;
  const { summary, notDone = '', criteria = [] } = report;
  const runLink = runUrl ? `[run ${run.number}](${runUrl})` : `run ${run.number}`;
  return [
    `## Summary\n\n${neutralize(summary.trim()) || 'The agent gave no summary.'}`,
    `## How it was tested\n\n${gate.reason}\n\n${gate.executions.map(executionLine).join('\n')}${names('Fixed', gate.fixed)}${names('Still failing, as before', gate.oldFailures)}${outputOf(gate)}`,
    criteria.length > 0 &&
      `## Acceptance criteria\n\n${criteria.map((one) => `- ${neutralize(one.criterion)}\n  ${neutralize(one.evidence)}`).join('\n')}`,
    notDone.trim() && `## Not done\n\n${neutralize(notDone.trim())}`,
    `## Cost\n\n${costLine(run)}`,
    `Task ${task.number}, ${runLink}.${task.issueNumber ? ` Closes #${task.issueNumber}.` : ''}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** What the last test run printed at its end. */
function outputOf({ executions }: GateReport): string {
  const output = executions.at(-1)?.output.trim().slice(-SHOWN_OUTPUT);
  if (!output) return '';
  const fence = '`'.repeat(Math.max(3, ...[...output.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `\n\n<details><summary>Output of the tests</summary>\n\n${fence}\n${output}\n${fence}\n\n</details>`;
}

/** A pull request that holds unfinished work. */
export function unfinishedText(task: Task, run: Run): { title: string; body: string; owners: string[] } {
  const closes = task.issueNumber ? ` It is to close issue ${task.issueNumber}.` : '';
  return {
    title: `${neutralize(task.title)} (unfinished)`,
    body: `This is unfinished: run ${run.number} of task ${task.number} stopped before its result was proven.${closes}`,
    owners: [],
  };
}

/** What Teko says on the task when a change was proven. */
export function deliveredComment({ run, change, gate }: { run: Run; change: Change; gate: GateReport }): string {
  const { number, pullRequestNumber, branch } = change;
  const what = pullRequestNumber ? `Pull request #${pullRequestNumber}` : `Change ${number}`;
  return `${what} is ready on branch \`${branch}\`.\n\n${gate.reason}\n\n${costLine(run)}`;
}

/** What Teko says when a run ended without a proven change, or with a review. */
export function reportComment(run: Run, findings: Finding[] | undefined): string {
  if (run.outcome === 'reviewed') {
    const count = findings?.length ?? 0;
    const lines = (findings ?? []).map((f) => `- **${f.severity}** \`${f.path}:${f.startLine}\` ${f.title}`);
    return [
      `The review found ${count === 0 ? 'nothing to object to' : count === 1 ? 'one thing' : `${count} things`}.`,
      ...lines,
    ].join('\n');
  }
  const note = run.resumePoint
    ? `\n\nIt can go on from there:\n\n\`\`\`json\n${JSON.stringify(run.resumePoint, null, 2)}\n\`\`\``
    : '';
  return `Run ${run.number} ended without a proven change (${run.outcome ?? run.status}).\n\n${run.outcomeDetail ?? ''}\n\n${costLine(run)}${note}`;
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

function names(title: string, tests: string[]): string {
  return tests.length === 0 ? '' : `\n\n${title}:\n${tests.map((test) => `- \`${test}\``).join('\n')}`;
}

function costLine(run: Run): string {
  const cost = run.costMicros === null ? 'price unknown' : `$${(run.costMicros / 1e6).toFixed(4)}`;
  return `${run.turns} turns, ${run.inputTokens} tokens in, ${run.outputTokens} out, ${cost}.`;
}
