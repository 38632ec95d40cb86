import type { Question } from './question';

const TEST =
  /(?:^|\/)(?:tests?|__tests__|testing|testdata|specs?|fixtures?|e2e)\/|_test\.(?:go|py)$|\.(?:spec|test)\.[mc]?[jt]sx?$|Tests?\.(?:php|java|cs)$|(?:^|\/)test_[^/]+\.py$/i;
const DOCUMENTATION =
  /\.(?:md|mdx|rst|txt|adoc|html?|po|pot|[1-9])$|\.stories\.[mc]?[jt]sx?$|(?:^|\/)(?:docs?|documentation|_?examples?|storybook|change(?:s|log)|history|news)(?:\/|\.|$)/i;
/** What changes on behalf of a question is the code, seldom that which checks or describes it. */
const OF_TESTS = 0.6;
const OF_DOCUMENTATION = 0.4;

/** What a file's worth is multiplied with, by what kind of file it is and what the question is about. */
export function shareOf(path: string, { about }: Pick<Question, 'about'>): number {
  const tests = !about.tests && TEST.test(path) ? OF_TESTS : 1;
  return tests * (!about.documentation && DOCUMENTATION.test(path) ? OF_DOCUMENTATION : 1);
}
