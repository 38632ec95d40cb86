import type { Language } from './language';
import { php } from './php';
import { python } from './python';
import { typescript } from './typescript';

export type { Language, PackageManager, TestRunner } from './language';

/** All supported languages. On a tie the first one wins. */
export const LANGUAGES: Language[] = [typescript, python, php];

export function languageById(id: string | null): Language | null {
  return LANGUAGES.find((language) => language.id === id) ?? null;
}

/** Whether a path is a test file in any supported language. */
export function isTestFile(path: string): boolean {
  return LANGUAGES.some((language) => language.testFiles.some((pattern) => pattern.test(path)));
}
