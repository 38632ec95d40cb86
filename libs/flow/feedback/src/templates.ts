import {
  codeSpan,
  fencedBlock,
  neutralize,
  leftOutText,
  neutralizeLine,
  plainLine,
  type Canary,
  type Change,
  type Finding,
  type FinishReport,
  type GateReport,
  type LeftOutFile,
  type ResumePoint,
  type Run,
  type Task,
  type TestExecution,
} from '@teko/domain';

const MAX_SLUG_LENGTH = 40;
const MAX_OUTPUT_LENGTH = 3_000;
/** GitHub accepts at most 65,536 characters in a body or a comment. */
const MAX_BODY_LENGTH = 60_000;
const MAX_TEMPLATE_LENGTH = 20_000;
const MAX_SUMMARY_LENGTH = 8_000;
const MAX_NOT_DONE_LENGTH = 4_000;
const MAX_REASON_LENGTH = 3_000;
const MAX_LISTED = 50;
/** The gate makes fewer; each has a command of the repository. */
const MAX_EXECUTIONS = 20;
const MAX_LIST_LENGTH = 6_000;
/** Of the lists of one section together, and of a body that is too long otherwise. */
const MAX_LISTS_LENGTH = 12_000;
const MAX_BRIEF_LISTS_LENGTH = 3_000;
const MAX_TITLE_LENGTH = 180;

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

/**
 * Returns the body of a pull request: summary, test evidence, acceptance criteria, open points, cost and the repository's
 * template. It is as long as a forge accepts: lists are cut, and issue, cost and template stay.
 */
export function changeBody(input: {
  run: Run;
  task: Task;
  gate: GateReport;
  report: FinishReport;
  leftOut: LeftOutFile[];
  /** Link to the run, or null if TEKO_URL is not set. */
  runUrl: string | null;
  /** Text that the repository wants in each pull request, or null. */
  template: string | null;
}): string {
  const { run, task, gate, report, leftOut, runUrl, template } = input;
  const { summary, notDone = '', criteria = [] } = report;
  const runLink = runUrl ? `[run ${run.number}](${runUrl})` : `run ${run.number}`;
  const sectionsWith = (evidence: string) => [
    `## Summary\n\n${neutralize(summary.trim(), MAX_SUMMARY_LENGTH) || 'The agent did not write a summary.'}`,
    `## How it was tested\n\n${evidence}`,
    criteria.length > 0 &&
      `## Acceptance criteria\n\n${cutList(criteria.map(({ criterion, evidence }) => `- ${neutralizeLine(criterion)}\n  ${neutralizeLine(evidence)}`))}`,
    leftOut.length > 0 && `## Left out\n\n${leftOutText(leftOut)}`,
    notDone.trim() && `## Not done\n\n${neutralize(notDone.trim(), MAX_NOT_DONE_LENGTH)}`,
  ];
  const end = [
    `## Cost\n\n${costLine(run)}`,
    `Task ${task.number}, ${runLink}.${task.issueNumber ? ` Closes #${task.issueNumber}.` : ''}`,
    template && `---\n\n${template.trim().slice(0, MAX_TEMPLATE_LENGTH)}`,
  ]
    .filter(Boolean)
    .join('\n\n');
  const sectionsWithin = (maxListsLength: number) =>
    sectionsWith(testEvidence(gate, maxListsLength)).filter((section) => typeof section === 'string');
  const maxLength = MAX_BODY_LENGTH - end.length;
  const full = sectionsWithin(MAX_LISTS_LENGTH);
  const sections =
    lengthOf(full) <= maxLength ? full : fittingSections(sectionsWithin(MAX_BRIEF_LISTS_LENGTH), maxLength);
  return `${sections.join('\n\n')}\n\n${end}`;
}

function testEvidence(gate: GateReport, maxListsLength: number): string {
  const lists: [string, string[]][] = [
    ['Fail without this change', gate.witnesses],
    ['Fixed', gate.fixed.length === gate.witnesses.length ? [] : gate.fixed],
    ['Still failing, as before this change', gate.oldFailures],
    ['No longer run', gate.missing],
    ['Skipped now', gate.skipped],
    ['Changed or removed test files', gate.alteredTests],
    ['Changed files that steer the test runner', gate.runnerFiles],
  ];
  const shown = lists.filter(([, names]) => names.length > 0);
  const maxLength = Math.min(MAX_LIST_LENGTH, Math.floor(maxListsLength / shown.length));
  return [
    neutralizeLine(gate.reason, MAX_REASON_LENGTH),
    [...gate.executions.map(executionLine), ...gate.canaries.map(canaryLine)].slice(0, MAX_EXECUTIONS).join('\n'),
    ...shown.map(([title, names]) => testList(title, names, maxLength)),
    outputOf(gate),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function lengthOf(sections: string[]): number {
  return sections.reduce((sum, section) => sum + section.length + 2, 0);
}

/** Omits the longest sections except for their headings until all fit into `maxLength` characters. */
function fittingSections(sections: string[], maxLength: number): string[] {
  const longest = sections.reduce((a, b) => (b.length > a.length ? b : a), '');
  const [heading = ''] = longest.split('\n', 1);
  const omitted = `${heading}\n\nThis part is too long to be shown here.`;
  if (lengthOf(sections) <= maxLength || omitted.length >= longest.length) return sections;
  return fittingSections(
    sections.map((section) => (section === longest ? omitted : section)),
    maxLength,
  );
}

/** Returns as many items as can be read, and how many more there are. */
function cutList(items: string[], maxLength = MAX_LIST_LENGTH): string {
  let length = 0;
  const tooLong = items.findIndex((item) => (length += item.length + 1) > maxLength);
  const shown = Math.min(MAX_LISTED, tooLong < 0 ? items.length : Math.max(1, tooLong));
  const more = items.length - shown;
  return [...items.slice(0, shown), ...(more > 0 ? [`- and ${more.toLocaleString('en-US')} more`] : [])].join('\n');
}

/** Returns the end of the output of the last execution with the change. */
function outputOf({ executions }: GateReport): string {
  const output = executions
    .findLast(({ tree }) => tree !== 'base-with-head-tests')
    ?.output.trim()
    .slice(-MAX_OUTPUT_LENGTH);
  if (!output) return '';
  return `<details><summary>Test output</summary>\n\n${fencedBlock(output)}\n\n</details>`;
}

/** Returns the text of a draft with unfinished work. Names the issue without a keyword that would close it. */
export function unfinishedText(task: Task, run: Run): { title: string; body: string; owners: string[] } {
  const closes = task.issueNumber ? ` It is intended to close issue ${task.issueNumber}.` : '';
  return {
    title: `${plainLine(task.title, MAX_TITLE_LENGTH)} (unfinished)`,
    body: `This is unfinished work: run ${run.number} of task ${task.number} stopped before its result was proven.${closes}`,
    owners: [],
  };
}

/** Returns the comment for a change that was proven. */
export function deliveredComment({
  run,
  change,
  gate,
  leftOut,
}: {
  run: Run;
  change: Change;
  gate: GateReport;
  leftOut: LeftOutFile[];
}): string {
  const { number, pullRequestNumber, branch } = change;
  const subject = pullRequestNumber ? `Pull request #${pullRequestNumber}` : `Change ${number}`;
  return [
    `${subject} is ready on branch ${codeSpan(branch)}.`,
    neutralizeLine(gate.reason, MAX_REASON_LENGTH),
    leftOutText(leftOut),
    costLine(run),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Returns the comment for a run that ended with a review, or without a proven change. */
export function reportComment(run: Run, findings: Finding[] | undefined): string {
  if (run.outcome === 'reviewed') {
    const count = findings?.length ?? 0;
    const lines = (findings ?? []).map(
      ({ severity, path, startLine, title }) =>
        `- **${severity}** ${codeSpan(`${path}:${startLine}`)} ${neutralizeLine(title)}`,
    );
    const sentence = `The review found ${count === 0 ? 'no issues' : count === 1 ? 'one issue' : `${count} issues`}.`;
    return count === 0 ? sentence : `${sentence}\n${cutList(lines)}`;
  }
  return [
    `Run ${run.number} ended without a proven change (${run.outcome ?? run.status}).`,
    neutralize(run.outcomeDetail ?? '', MAX_SUMMARY_LENGTH),
    costLine(run),
    run.resumePoint && `The work can be continued from here:\n\n${resumePointBlock(run.resumePoint)}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Returns the resume point as JSON, with as many failing tests as can be read. */
function resumePointBlock({ failing, ...resumePoint }: ResumePoint): string {
  const more = failing.length - MAX_LISTED;
  const shown = failing.slice(0, MAX_LISTED).map((name) => name.slice(0, 200));
  const names = more > 0 ? [...shown, `and ${more.toLocaleString('en-US')} more`] : shown;
  return fencedBlock(JSON.stringify({ ...resumePoint, failing: names }, null, 2), 'json');
}

const TREE_LABELS: Record<TestExecution['tree'], string> = {
  base: 'before',
  head: 'after',
  'head-with-base-tests': 'after, with the original tests',
  'base-with-head-tests': 'before, with the new tests',
};

function canaryLine({ kind, tree, result, detail }: Canary): string {
  const check = kind === 'broken_code' ? `broken code ${TREE_LABELS[tree]} the change` : 'added failing tests';
  const text = { detected: 'detected', missed: 'not detected', not_possible: 'not possible' }[result];
  return `- ${check}: ${text}${result === 'detected' ? '' : `. ${neutralizeLine(detail, MAX_REASON_LENGTH)}`}`;
}

function executionLine(execution: TestExecution): string {
  const label = TREE_LABELS[execution.tree];
  const result = execution.timedOut
    ? 'timed out'
    : execution.exitCode === 0
      ? 'passed'
      : `failed (exit code ${execution.exitCode ?? 'none'})`;
  const tests = execution.tests ? `, ${execution.tests.passed} of ${execution.tests.total} tests passed` : '';
  return `- ${label}: ${codeSpan(execution.command)} ${result}${tests}, ${(execution.durationMs / 1000).toFixed(1)} s`;
}

function testList(title: string, tests: string[], maxLength: number): string {
  return `${title}:\n${cutList(
    tests.map((test) => `- ${codeSpan(test)}`),
    maxLength,
  )}`;
}

function costLine(run: Run): string {
  const cost = run.costMicros === null ? 'price unknown' : `$${(run.costMicros / 1e6).toFixed(4)}`;
  return `${run.turns} turns, ${run.inputTokens} input tokens, ${run.outputTokens} output tokens, ${cost}.`;
}
