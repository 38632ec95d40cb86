import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeBase } from './code-base';
import type { Question } from './questions';

const MIN_WORDS = 6;
const MAX_FILES = 10;
/** Header lines that do not describe the change. */
const HEADER =
  /^(from|date|author|origin|bug[\w-]*|forwarded|applied-upstream|last-update|reviewed-by|acked-by|signed-off-by|co-authored-by|cc|closes|index|diff|mime-version|content-[\w-]+|message-id|in-reply-to|change-id|cherry[\w ]*|backport[\w-]*|upstream[\w-]*|status|\(cherry picked)\b.*$/gim;
const CHANGELOG = /(^|\/)(changelog|changes|news|history|release[-_]?notes|newsfragments|authors)\b[^/]*/i;

/** Reads the patches of a distribution package. The message is the question, and the changed files are the answer. */
export function questionsOfPatches(files: CodeBase, folder: string): Question[] {
  const series = join(folder, 'series');
  const names = existsSync(series)
    ? readFileSync(series, 'utf8')
        .split('\n')
        .map((line) => line.replace(/#.*/, '').trim().split(' ')[0]!)
        .filter((name) => name !== '' && existsSync(join(folder, name)))
    : readdirSync(folder).sort();
  const questions: Question[] = [];
  for (const name of names) {
    const question = questionOfPatch(readFileSync(join(folder, name), 'utf8'), files);
    if (question) questions.push(question);
  }
  return questions;
}

/** Returns null if the message is too short or the patch changes no existing file. */
export function questionOfPatch(patch: string, files: CodeBase): Question | null {
  const start = /^(diff |--- |Index: )/m.exec(patch)?.index ?? 0;
  const text = messageOf(patch.slice(0, start));
  const changed = [...patch.matchAll(/^--- (?:[^/\s]+\/)(\S+)/gm)].map(([, path]) => path!);
  const paths = [...new Set(changed)].filter((path) => files.has(path) && !CHANGELOG.test(path));
  const words = text.split(/\s+/).filter((word) => /\p{L}{2}/u.test(word));
  if (words.length < MIN_WORDS || paths.length === 0 || paths.length > MAX_FILES) return null;
  return { text, paths, lines: null };
}

function messageOf(head: string): string {
  const unfolded = head.replace(/^---[\s\S]*$/m, '').replace(/^(subject:.*)\n[ \t]+(?=\S)/gim, '$1 ');
  return unfolded
    .replace(HEADER, '')
    .replace(/^(subject|description):\s*/gim, '')
    .replace(/^\s*\[[^\]]*patch[^\]]*\]\s*/gim, '')
    .replace(/^ \.?$/gm, '')
    .replace(/^ /gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
