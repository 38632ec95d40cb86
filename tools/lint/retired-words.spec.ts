import { readFileSync } from 'node:fs';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { root, workspaceFiles } from '../workspace.fixture';
import { retiredName, retiredWords, retiredWordsRule } from './retired-words.mjs';

const glossary = readFileSync(`${root}/docs/glossary.md`, 'utf8');

function messagesFor(code: string, texts = true): string[] {
  const config = {
    files: ['**/*.tsx'],
    languageOptions: { parser: tseslint.parser, parserOptions: { ecmaFeatures: { jsx: true } } },
    plugins: { teko: { rules: { 'retired-words': retiredWordsRule } } },
    rules: { 'teko/retired-words': ['error', { texts }] },
  };
  return new Linter().verify(code, [config] as unknown as Linter.Config[], 'a.tsx').map(({ message }) => message);
}

describe('the rule against retired words', () => {
  it.each([
    ['const remark = 1;', 'remark'],
    ['function isHeardAt() {}', 'heard'],
    ['class CommentSayer {}', 'sayer'],
    ['const deeds = 1;', 'deed'],
    ['const heard2 = 1;', 'heard'],
    ['const lastLookedAt = 1;', 'looked'],
    ['class RunScopes {}', 'RunScope'],
    ["import a from './remarks';", 'remark'],
    ['const HEARD_AT = 1;', 'heard'],
    ['interface A { told: string }', 'told'],
    ['const MOST_FILES = 1;', 'MOST_'],
    ["const a = 'Its repository is not under care.';", 'under care'],
    ['const a = `Take  back ${1}`;', 'take back'],
    ['const A = () => <b>Mended by an agent</b>;', 'mended'],
    ["throw new Error('Is under way.');", 'under way'],
  ])('refuses %s', (code, word) => {
    expect(messagesFor(code)).toEqual([expect.stringContaining(`"${word}"`)]);
  });

  it.each([
    'const remarkable = toldness;',
    'const heartbeat = almost;',
    'const MOSTLY = 1;',
    "const a = 'The recommended way.';",
  ])('accepts %s', (code) => {
    expect(messagesFor(code)).toEqual([]);
  });

  it('checks texts only if asked to', () => {
    expect(messagesFor("const a = 'mended';", false)).toEqual([]);
  });

  it('throws if the glossary has no table, so that lint never passes by accident', () => {
    expect(() => retiredWords('# Glossary')).toThrow('Retired words');
  });
});

it('no file is named after a retired word', () => {
  expect(workspaceFiles().filter((path) => retiredName(path))).toEqual([]);
});

it('no page of the documentation uses a retired text', () => {
  const pages = workspaceFiles().filter((path) => path.endsWith('.md'));
  const patterns = retiredWords(glossary)
    .filter(({ texts }) => texts)
    .map(({ word }) => new RegExp(`\\b${word}s?\\b`, 'i'));
  const found = pages
    .filter((page) => !['docs/glossary.md', 'CHANGELOG.md'].includes(page) && !page.startsWith('apps/standalone/demo'))
    .flatMap((page) =>
      readFileSync(`${root}/${page}`, 'utf8')
        .split('\n')
        .flatMap((line, at) => (patterns.some((pattern) => pattern.test(line)) ? [`${page}:${at + 1} ${line}`] : [])),
    );
  expect(found).toEqual([]);
});
