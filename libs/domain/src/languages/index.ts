import type { Language } from './language';
import { php } from './php';
import { python } from './python';
import { typescript } from './typescript';

export type { Language, PackageManager, TestRunner } from './language';

/** Every language agent, in the order in which ties are decided. */
export const LANGUAGES: Language[] = [typescript, python, php];

export function languageById(id: string | null): Language | null {
  return LANGUAGES.find((language) => language.id === id) ?? null;
}

/** Whether a path holds tests, in any known language. */
export function isTestFile(path: string): boolean {
  return LANGUAGES.some((language) => language.testFiles.some((pattern) => pattern.test(path)));
}
