import { foldPath } from '../text/folded-path';
import type { Language, TestRunner } from './language';
import { php } from './php';
import { python } from './python';
import { typescript } from './typescript';

export type { Language, PackageManager, RunnerReport, TestRunner } from './language';

/** All supported languages. On a tie the first one wins. */
export const LANGUAGES: Language[] = [typescript, python, php];

/** Folders whose files all belong to tests: data, snapshots and helpers too. */
const TEST_FOLDERS =
  /(^|\/)(tests?|specs?|e2e|cypress|__tests__|__snapshots__|__fixtures__|__mocks__|fixtures?|expected|goldens?|test[-_]?(data|utils?|support|helpers?|fixtures?))\//;
/** Test files of other languages. */
const TEST_NAMES =
  /(^|\/)(test_[^/]+|[^/]+[._-](test|tests|spec|specs)|tests?)\.(go|rs|java|kts?|rb|cs|c|cc|cpp|cxx|swift|scala|exs?|sh|bash|bats|pl|t|lua|dart|hs|clj[cs]?|ml|r|jl)$|\.(snap|bats|feature)$/;
const CAPITALISED_TESTS = /(Tests?|Specs?|IT)\.(java|kt|cs|scala|groovy|swift|m)$/;

export function languageById(id: string | null): Language | null {
  return LANGUAGES.find((language) => language.id === id) ?? null;
}

/** Whether a path is a test file in any language. */
export function isTestFile(path: string): boolean {
  const folded = foldPath(path);
  return (
    LANGUAGES.some((language) => language.testFiles.some((pattern) => pattern.test(path) || pattern.test(folded))) ||
    [TEST_FOLDERS, TEST_NAMES].some((pattern) => pattern.test(folded)) ||
    CAPITALISED_TESTS.test(path)
  );
}

/** Returns the language whose source files have this path, or null. */
export function languageOfFile(path: string): Language | null {
  return LANGUAGES.find(({ sourceFiles }) => sourceFiles.test(path)) ?? null;
}

/** Returns the runner that a simple shell command calls, or null if it is none or cannot be recognised with certainty. */
export function runnerOfCommand(command: string): TestRunner | null {
  const call = simpleCall(command);
  if (call === null) return null;
  return LANGUAGES.flatMap(({ testRunners }) => testRunners).find(({ invocation }) => invocation?.test(call)) ?? null;
}

/** Returns the command without a leading change of folder and variables; null if it has pipes, lists or expansions. */
function simpleCall(command: string): string | null {
  const call = command
    .trim()
    .replace(/^cd ('[^']*'|[\w./-]+) && /, '')
    .replace(/^(\w+=[\w./:-]* )+/, '');
  return /[;&|<>`$()\n#]/.test(call) ? null : call;
}
