import { InvalidError } from '@teko/domain';

/** Below `teko/`; beside it, if a branch named `teko` blocks those names. */
const OWN_BRANCH = /^teko(\/[A-Za-z0-9]|-\d)[A-Za-z0-9._/-]*$/;
const INVALID_REF_NAME = /\.\.|\/[/.]|[/.]$|\.lock(\/|$)/;

/** Throws InvalidError for `branch` unless it is a branch of Teko. */
export function requireOwnBranch(branch: string): void {
  if (!OWN_BRANCH.test(branch) || INVALID_REF_NAME.test(branch))
    throw new InvalidError({ branch: `${branch} is not a branch that Teko can write` });
}
