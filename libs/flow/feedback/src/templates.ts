import type { Finding, GateReport, Run, Task, TestExecution } from '@teko/domain';

const MAX_SLUG = 40;

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

/** Body of a change request: what was done, how it was proven, what it cost. */
export function changeBody(input: { run: Run; task: Task; gate: GateReport; summary: string }): string {
  const { run, task, gate, summary } = input;
  return [
    `## Summary\n\n${summary.trim() || 'The agent gave no summary.'}`,
    `## How it was tested\n\n${gate.reason}\n\n${gate.executions.map(executionLine).join('\n')}${names('Fixed', gate.fixed)}${names('Still failing, as before', gate.oldFailures)}`,
    `## Cost\n\n${costLine(run)}`,
    `Task ${task.number}, run ${run.number}.`,
  ].join('\n\n');
}

/** What Teko says on the task when a change was proven. */
export function deliveredComment(input: { run: Run; branch: string; changeNumber: number; gate: GateReport }): string {
  return `Change ${input.changeNumber} is ready on branch \`${input.branch}\`.\n\n${input.gate.reason}\n\n${costLine(input.run)}`;
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
  const note = run.resumeNote
    ? `\n\nIt can go on from there:\n\n\`\`\`json\n${JSON.stringify(run.resumeNote, null, 2)}\n\`\`\``
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
