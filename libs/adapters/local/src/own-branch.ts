import { InvalidError } from '@teko/domain';

const OWN_BRANCH = /^teko\/[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const NO_REF_NAME = /\.\.|\/[/.]|[/.]$|\.lock(\/|$)/;

/** Refuses every branch that is not one of Teko's own. Throws InvalidError for `branch`. */
export function refuseForeignBranch(branch: string): void {
  if (!OWN_BRANCH.test(branch) || NO_REF_NAME.test(branch))
    throw new InvalidError({ branch: `${branch} is not a branch that Teko may write` });
}
