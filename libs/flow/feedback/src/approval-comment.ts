import { codeSpan, neutralize, neutralizeLine, visiblePath, type Approval, type Run, type Task } from '@teko/domain';

const MAX_FILES = 20;
const MAX_PATH_LENGTH = 200;
const MAX_PLAN_LENGTH = 8_000;
const MAX_REASONS_LENGTH = 3_000;

/** Returns the comment that asks for an approval: why it is needed, the files with their reasons, and how to decide. */
export function approvalComment({
  run: { number },
  task,
  approval,
  runUrl,
}: {
  run: Run;
  task: Task;
  approval: Approval;
  /** Link to the run, or null if TEKO_URL is not set. */
  runUrl: string | null;
}): string {
  const { kind, text, reasons, sensitiveFiles } = approval;
  const files = sensitiveFiles ?? [];
  const lines = files
    .slice(0, MAX_FILES)
    .map(({ path, reason }) => `- ${codeSpan(visiblePath(path), MAX_PATH_LENGTH)}: ${neutralizeLine(reason)}`);
  if (files.length > MAX_FILES) lines.push(`- and ${files.length - MAX_FILES} more`);
  const run = runUrl ? `[run ${number}](${runUrl})` : `run ${number}`;
  return [
    `The ${kind} of ${run} needs an approval. ${neutralizeLine(reasons.join(' '), MAX_REASONS_LENGTH)}`,
    lines.join('\n'),
    text && neutralize(text, MAX_PLAN_LENGTH),
    task.issueNumber === null
      ? 'Review and decide it on the page of the run.'
      : 'Review and decide it on the page of the run, or write `@teko approve` or `@teko reject` here.',
  ]
    .filter(Boolean)
    .join('\n\n');
}
