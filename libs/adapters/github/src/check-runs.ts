import type { CheckRun } from '@teko/domain';
import type { Octokit } from 'octokit';
import { recoverFrom } from './errors';
import { downloadTail, tailOf } from './log-tail';
import { checkRunOf, statusOf } from './mapping';

/** A repository with its client. */
interface RepositoryClient {
  github: Octokit;
  repo: { owner: string; repo: string };
}

const MAX_STATUS_PAGES = 10;
const REFUSAL_CODES = ['forbidden', 'not_found', 'invalid', 'conflict'] as const;

/** A check run with its suite. The same name can run in several suites at once, such as for a push and its pull request. */
interface SuiteCheckRun {
  check: CheckRun;
  suite: number;
}

const STATES_BY_SEVERITY = ['passed', 'pending', 'failed'];

/** Returns the check runs and commit statuses of a commit: the newest of each name and suite, and of several suites the worst. */
export async function listCheckRuns(client: RepositoryClient, commit: string): Promise<CheckRun[]> {
  const found = (await Promise.all([fetchCheckRuns(client, commit), fetchStatuses(client, commit)])).flat();
  const newest = new Map<string, CheckRun>();
  for (const { check, suite } of found.sort((a, b) => sequenceOf(a.check) - sequenceOf(b.check)))
    newest.set(`${suite} ${check.name}`, check);
  const byName = new Map<string, CheckRun>();
  for (const check of [...newest.values()].sort((a, b) => severityOf(a) - severityOf(b))) byName.set(check.name, check);
  return [...byName.values()];
}

const severityOf = ({ state }: CheckRun) => STATES_BY_SEVERITY.indexOf(state);

/** Ids increase over time. */
const sequenceOf = ({ id }: CheckRun) => Number(id.split(':')[1]);

async function fetchCheckRuns(client: RepositoryClient, commit: string): Promise<SuiteCheckRun[]> {
  const { github, repo } = client;
  const query = { ...repo, ref: commit, filter: 'latest', per_page: 100 } as const;
  const runs = await github.paginate(github.rest.checks.listForRef, query).catch(recoverFrom(['forbidden'], null));
  // Fine-grained tokens cannot read check runs, but can read the jobs of GitHub Actions, which are its check runs.
  if (!runs) return fetchJobs(client, commit);
  return runs.map((run) => ({ check: checkRunOf(run), suite: run.check_suite?.id ?? 0 }));
}

async function fetchJobs({ github, repo }: RepositoryClient, commit: string): Promise<SuiteCheckRun[]> {
  const { actions } = github.rest;
  const runs = await github.paginate(actions.listWorkflowRunsForRepo, { ...repo, head_sha: commit, per_page: 100 });
  const lists = await Promise.all(
    runs.map(({ id }) => github.paginate(actions.listJobsForWorkflowRun, { ...repo, run_id: id, per_page: 100 })),
  );
  return lists.flat().map((job) => ({ check: checkRunOf(job), suite: job.run_id ?? 0 }));
}

/** Pages by hand: octokit's pagination does not recognize this response as a list. */
async function fetchStatuses({ github, repo }: RepositoryClient, commit: string): Promise<SuiteCheckRun[]> {
  const found: SuiteCheckRun[] = [];
  for (let page = 1; page <= MAX_STATUS_PAGES; page++) {
    const response = await github.rest.repos
      .getCombinedStatusForRef({ ...repo, ref: commit, per_page: 100, page })
      .catch(recoverFrom(['not_found'], null));
    const part = response?.data.statuses ?? [];
    found.push(...part.map((status) => ({ check: statusOf(status, commit), suite: 0 })));
    if (part.length < 100) break;
  }
  return found;
}

/** Returns the end of the log of a check, or its own output if it has no readable log. */
export async function fetchCheckRunLog(client: RepositoryClient, check: CheckRun): Promise<string> {
  const id = runIdOf(check);
  if (id === null) return check.summary;
  const run = await client.github.rest.checks
    .get({ ...client.repo, check_run_id: id })
    .catch(recoverFrom([...REFUSAL_CODES], null));
  if (!run || run.data.app?.slug === 'github-actions') {
    const log = await fetchJobLog(client, id);
    if (log) return log;
  }
  if (!run) return check.summary;
  const { title, summary, text, annotations_count } = run.data.output;
  const notes = annotations_count > 0 ? await fetchAnnotations(client, id) : [];
  const output = [title, summary, text, ...notes].filter(Boolean).join('\n');
  return output ? tailOf(output) : check.summary;
}

async function fetchJobLog({ github, repo }: RepositoryClient, id: number): Promise<string | null> {
  const request = { redirect: 'manual' } as const;
  const response = await github
    .request('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', { ...repo, job_id: id, request })
    .catch(recoverFrom([...REFUSAL_CODES], null));
  if (!response) return null;
  const { location } = response.headers;
  return location ? downloadTail(new URL(location, response.url || undefined)) : tailOf(String(response.data ?? ''));
}

async function fetchAnnotations({ github, repo }: RepositoryClient, id: number): Promise<string[]> {
  const found = await github.rest.checks
    .listAnnotations({ ...repo, check_run_id: id, per_page: 50 })
    .catch(recoverFrom([...REFUSAL_CODES], null));
  return (found?.data ?? []).map(
    ({ path, start_line, annotation_level, message }) => `${path}:${start_line}: ${annotation_level}: ${message}`,
  );
}

/** Reruns a check. Returns false if GitHub refuses. */
export async function rerunCheckRun({ github, repo }: RepositoryClient, check: CheckRun): Promise<boolean> {
  const id = runIdOf(check);
  if (id === null) return false;
  const nullIfRefused = recoverFrom([...REFUSAL_CODES], null);
  const requested = await github.rest.checks.rerequestRun({ ...repo, check_run_id: id }).catch(nullIfRefused);
  if (requested) return true;
  return Boolean(await github.rest.actions.reRunJobForWorkflowRun({ ...repo, job_id: id }).catch(nullIfRefused));
}

function runIdOf(check: CheckRun): number | null {
  const [kind, id] = check.id.split(':');
  return kind === 'run' ? Number(id) : null;
}
