import type { CheckRun } from '@teko/domain';
import type { Octokit } from 'octokit';
import { unless } from './failure';
import { downloadTail, tailOf } from './log-tail';
import { checkRunOf, statusOf } from './mapping';

interface At {
  github: Octokit;
  place: { owner: string; repo: string };
}

const MAX_STATUS_PAGES = 10;
const REFUSALS = ['forbidden', 'not_found', 'invalid', 'conflict'] as const;

/** A check, and what ran it: the same name can run in several suites at once, as for a push and its pull request. */
interface Placed {
  check: CheckRun;
  suite: number;
}

const FROM_GOOD_TO_BAD = ['passed', 'pending', 'failed'];

/** Check runs and commit statuses of a commit; of each name the newest, and of several suites the worst. */
export async function checksOf(at: At, commit: string): Promise<CheckRun[]> {
  const found = (await Promise.all([checkRuns(at, commit), statuses(at, commit)])).flat();
  const newest = new Map<string, CheckRun>();
  for (const { check, suite } of found.sort((a, b) => numberOf(a.check) - numberOf(b.check)))
    newest.set(`${suite} ${check.name}`, check);
  const byName = new Map<string, CheckRun>();
  for (const check of [...newest.values()].sort((a, b) => badness(a) - badness(b))) byName.set(check.name, check);
  return [...byName.values()];
}

const badness = ({ state }: CheckRun) => FROM_GOOD_TO_BAD.indexOf(state);

/** Ids grow with time. */
const numberOf = ({ id }: CheckRun) => Number(id.split(':')[1]);

async function checkRuns(at: At, commit: string): Promise<Placed[]> {
  const { github, place } = at;
  const query = { ...place, ref: commit, filter: 'latest', per_page: 100 } as const;
  const runs = await github.paginate(github.rest.checks.listForRef, query).catch(unless(['forbidden'], null));
  // Fine-grained tokens cannot read checks, but those of GitHub Actions are its jobs too.
  if (!runs) return jobs(at, commit);
  return runs.map((run) => ({ check: checkRunOf(run), suite: run.check_suite?.id ?? 0 }));
}

async function jobs({ github, place }: At, commit: string): Promise<Placed[]> {
  const { actions } = github.rest;
  const runs = await github.paginate(actions.listWorkflowRunsForRepo, { ...place, head_sha: commit, per_page: 100 });
  const lists = await Promise.all(
    runs.map(({ id }) => github.paginate(actions.listJobsForWorkflowRun, { ...place, run_id: id, per_page: 100 })),
  );
  return lists.flat().map((job) => ({ check: checkRunOf(job), suite: job.run_id ?? 0 }));
}

/** Not by octokit's paging, which does not see that this answer is a list. */
async function statuses({ github, place }: At, commit: string): Promise<Placed[]> {
  const found: Placed[] = [];
  for (let page = 1; page <= MAX_STATUS_PAGES; page++) {
    const answer = await github.rest.repos
      .getCombinedStatusForRef({ ...place, ref: commit, per_page: 100, page })
      .catch(unless(['not_found'], null));
    const part = answer?.data.statuses ?? [];
    found.push(...part.map((status) => ({ check: statusOf(status, commit), suite: 0 })));
    if (part.length < 100) break;
  }
  return found;
}

/** The end of what a check printed; what it says itself where it printed nothing that can be had. */
export async function logOf(at: At, check: CheckRun): Promise<string> {
  const id = runIdOf(check);
  if (id === null) return check.summary;
  const run = await at.github.rest.checks.get({ ...at.place, check_run_id: id }).catch(unless([...REFUSALS], null));
  if (!run || run.data.app?.slug === 'github-actions') {
    const log = await jobLog(at, id);
    if (log) return log;
  }
  if (!run) return check.summary;
  const { title, summary, text, annotations_count } = run.data.output;
  const marks = annotations_count > 0 ? await annotations(at, id) : [];
  const said = [title, summary, text, ...marks].filter(Boolean).join('\n');
  return said ? tailOf(said) : check.summary;
}

async function jobLog({ github, place }: At, id: number): Promise<string | null> {
  const request = { redirect: 'manual' } as const;
  const answer = await github
    .request('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', { ...place, job_id: id, request })
    .catch(unless([...REFUSALS], null));
  if (!answer) return null;
  const { location } = answer.headers;
  return location ? downloadTail(new URL(location, answer.url || undefined)) : tailOf(String(answer.data ?? ''));
}

async function annotations({ github, place }: At, id: number): Promise<string[]> {
  const found = await github.rest.checks
    .listAnnotations({ ...place, check_run_id: id, per_page: 50 })
    .catch(unless([...REFUSALS], null));
  return (found?.data ?? []).map(
    ({ path, start_line, annotation_level, message }) => `${path}:${start_line}: ${annotation_level}: ${message}`,
  );
}

/** Asks for it again; false where GitHub refuses. */
export async function repeat({ github, place }: At, check: CheckRun): Promise<boolean> {
  const id = runIdOf(check);
  if (id === null) return false;
  const refused = unless([...REFUSALS], null);
  const asked = await github.rest.checks.rerequestRun({ ...place, check_run_id: id }).catch(refused);
  if (asked) return true;
  return Boolean(await github.rest.actions.reRunJobForWorkflowRun({ ...place, job_id: id }).catch(refused));
}

function runIdOf(check: CheckRun): number | null {
  const [kind, id] = check.id.split(':');
  return kind === 'run' ? Number(id) : null;
}
