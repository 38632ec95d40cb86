import type { Diagnosis } from '@teko/domain';
import type { Octokit } from 'octokit';

const REQUIRED_PERMISSIONS =
  'Contents, Issues and Pull requests: read and write; Actions, Checks, Commit statuses and Metadata: read';

/** Diagnoses the permissions of a token: a classic one by its scopes, a fine-grained one by trying to read a repository. */
export async function tokenPermissions(user: Octokit): Promise<Omit<Diagnosis, 'name'>> {
  const { headers } = await user.rest.users.getAuthenticated();
  const scopes = headers['x-oauth-scopes'];
  if (scopes) return classic(scopes.split(/,\s*/));
  const { data } = await user.rest.repos.listForAuthenticatedUser({ per_page: 1, sort: 'pushed' });
  const [repository] = data;
  if (!repository)
    return {
      ok: false,
      detail: 'the token has no access to any repository',
      remedy: `Grant it access to repositories, with ${REQUIRED_PERMISSIONS}`,
    };
  const refused = await refusedReads(user, repository.owner.login, repository.name);
  if (repository.permissions?.push === false) refused.unshift('writing');
  const name = repository.full_name;
  if (refused.length > 0)
    return {
      ok: false,
      detail: `the token has no access to ${refused.join(', ')} in ${name}`,
      remedy: `Grant it ${REQUIRED_PERMISSIONS}`,
    };
  return {
    ok: true,
    detail: `the token can read ${name}; GitHub does not show whether it can write`,
    remedy: null,
  };
}

function classic(scopes: string[]): Omit<Diagnosis, 'name'> {
  const detail = `scopes ${scopes.join(', ')}`;
  if (scopes.includes('repo')) return { ok: true, detail, remedy: null };
  if (scopes.includes('public_repo')) return { ok: true, detail: `${detail}: public repositories only`, remedy: null };
  return { ok: false, detail, remedy: 'Grant the token the scope repo' };
}

async function refusedReads(user: Octokit, owner: string, repo: string): Promise<string[]> {
  const query = { owner, repo, per_page: 1 };
  const reads: [string, () => Promise<unknown>][] = [
    ['contents', () => user.rest.repos.listBranches(query)],
    ['issues', () => user.rest.issues.listForRepo(query)],
    ['pull requests', () => user.rest.pulls.list(query)],
    ['actions', () => user.rest.actions.listWorkflowRunsForRepo(query)],
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
