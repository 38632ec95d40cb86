import { DomainError, InvalidError } from '@teko/domain';
import type { Octokit } from 'octokit';

const MUTATION = `mutation ($id: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } }
}`;

/** Marks a draft as ready for review, which GitHub's REST API does not support. */
export async function markReady(github: Octokit, nodeId: string): Promise<void> {
  try {
    await github.graphql(MUTATION, { id: nodeId });
  } catch (error) {
    throw graphqlError(error) ?? error;
  }
}

/** GraphQL reports errors with status 200, which octokit's request hooks do not treat as errors. */
function graphqlError(error: unknown): DomainError | null {
  if (!(error instanceof Error) || error.name !== 'GraphqlResponseError' || !('errors' in error)) return null;
  const [first] = error.errors as { type?: string; message: string }[];
  const message = first?.message ?? 'no reason given';
  if (first?.type === 'FORBIDDEN') return new DomainError('forbidden', `GitHub denied access: ${message}`);
  if (first?.type === 'NOT_FOUND') return new DomainError('not_found', `GitHub did not find this: ${message}`);
  return new InvalidError({ github: message });
}
