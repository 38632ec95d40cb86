import { DomainError, InvalidError } from '@teko/domain';
import type { Octokit } from 'octokit';

const MUTATION = `mutation ($id: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } }
}`;

/** Makes a draft ready for review, which GitHub's REST API cannot. */
export async function markReady(github: Octokit, nodeId: string): Promise<void> {
  try {
    await github.graphql(MUTATION, { id: nodeId });
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/** GraphQL says what it refuses in an answer of status 200, which the hooks of octokit do not take for an error. */
function refusalOf(error: unknown): DomainError | null {
  if (!(error instanceof Error) || error.name !== 'GraphqlResponseError' || !('errors' in error)) return null;
  const [fault] = error.errors as { type?: string; message: string }[];
  const said = fault?.message ?? 'no reason given';
  if (fault?.type === 'FORBIDDEN') return new DomainError('forbidden', `GitHub refuses: ${said}`);
  if (fault?.type === 'NOT_FOUND') return new DomainError('not_found', `GitHub does not show this: ${said}`);
  return new InvalidError({ github: said });
}
