import type { Diagnosis } from '@teko/domain';
import type { Octokit } from 'octokit';

const NEEDED =
  'Contents, Issues and Pull requests: read and write; Actions, Checks, Commit statuses and Metadata: read';

/** Classic tokens tell their scopes; what fine-grained ones may do is found by trying to read. */
export async function tokenPermissions(user: Octokit): Promise<Omit<Diagnosis, 'name'>> {
  const { headers } = await user.rest.users.getAuthenticated();
  const scopes = headers['x-oauth-scopes'];
  if (scopes) return classic(scopes.split(/,\s*/));
  const { data } = await user.rest.repos.listForAuthenticatedUser({ per_page: 1, sort: 'pushed' });
  const [repository] = data;
  if (!repository)
    return { ok: false, detail: 'the token sees no repository', remedy: `Give it repositories, and ${NEEDED}` };
  const refused = await refusedReads(user, repository.owner.login, repository.name);
  if (repository.permissions?.push === false) refused.unshift('writing');
  const where = repository.full_name;
  if (refused.length > 0)
    return {
      ok: false,
      detail: `in ${where} the token is refused: ${refused.join(', ')}`,
      remedy: `Give it ${NEEDED}`,
    };
  return {
    ok: true,
    detail: `reading works in ${where}; GitHub does not tell whether the token may write`,
    remedy: null,
  };
}

function classic(scopes: string[]): Omit<Diagnosis, 'name'> {
  const detail = `scopes ${scopes.join(', ')}`;
  if (scopes.includes('repo')) return { ok: true, detail, remedy: null };
  if (scopes.includes('public_repo')) return { ok: true, detail: `${detail}: public repositories alone`, remedy: null };
  return { ok: false, detail, remedy: 'Give the token the scope repo' };
}

async function refusedReads(user: Octokit, owner: string, repo: string): Promise<string[]> {
  const place = { owner, repo, per_page: 1 };
  const reads: [string, () => Promise<unknown>][] = [
    ['contents', () => user.rest.repos.listBranches(place)],
    ['issues', () => user.rest.issues.listForRepo(place)],
    ['pull requests', () => user.rest.pulls.list(place)],
    ['actions', () => user.rest.actions.listWorkflowRunsForRepo(place)],
  ];
  const results = await Promise.all(
    reads.map(([name, read]) =>
      read().then(
        () => null,
        () => name,
      ),
    ),
  );
  return results.filter((name) => name !== null);
}
