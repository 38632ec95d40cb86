import type { Question } from './question';

const TEST =
  /(?:^|\/)(?:tests?|__tests__|testing|testdata|specs?|fixtures?|e2e)\/|_test\.(?:go|py)$|\.(?:spec|test)\.[mc]?[jt]sx?$|Tests?\.(?:php|java|cs)$|(?:^|\/)test_[^/]+\.py$/i;
const DOCUMENTATION =
  /\.(?:md|mdx|rst|txt|adoc|html?|po|pot|[1-9])$|\.stories\.[mc]?[jt]sx?$|(?:^|\/)(?:docs?|documentation|_?examples?|storybook|change(?:s|log)|history|news)(?:\/|\.|$)/i;
/** The answer to a question is usually source code, seldom its tests or documentation. */
const TEST_WEIGHT = 0.6;
const DOCUMENTATION_WEIGHT = 0.4;

/** Returns the factor for a file's score, by the kind of file and the subject of the question. */
export function kindWeight(path: string, { about }: Pick<Question, 'about'>): number {
  const tests = !about.tests && TEST.test(path) ? TEST_WEIGHT : 1;
  return tests * (!about.documentation && DOCUMENTATION.test(path) ? DOCUMENTATION_WEIGHT : 1);
}
