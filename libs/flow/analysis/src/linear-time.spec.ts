import * as linguist from 'linguist-languages';
import { describe, expect, it } from 'vitest';
import { byContent } from './ambiguous';
import { parseAttributes } from './attributes';
import { classifyFile } from './classify';
import { excludedByContent, excludedByPath } from './excluded';
import { languageOf } from './languages';

/*
 * Classified text is untrusted, so classification must take linear time. A pattern that scans the rest of the text from each
 * position takes 16 times as long for 4 times the text. Such growth of the CPU time, in each of several measurements, fails.
 */
const SHORT_LENGTH = 6_000;
const LENGTH_FACTOR = 4;
const MAX_GROWTH = 9;
/** Shorter measurements say nothing about growth. */
const MIN_MEASURED_MS = 12;
const MEASUREMENTS = 3;

const WORDS =
  'import|let a: =|match |case |fn a(|fn a(a)|function a(a, |contract a is |-*- |#|exec a $0|var a : |<!-- |<meta name=generator ';
const SIGNS = '( (#a @a {{ { :- : ; [a .a % ^ A1';
const FRAGMENTS = [
  ...['\n', '\r', ' ', ' \n', '\t', 'a', 'a ', 'a\n', '  a\r\n', ': ', '{{ '],
  ...SIGNS.split(' '),
  ...WORDS.split('|').flatMap((word) => [word, `${word} a `]),
];
const MARKED = ['.js', '.css', '.html', '.java', '.ps', '.rd', '.1', '.txt', ''];
const ALL: string[] = Object.values(linguist).flatMap((language) =>
  'extensions' in language ? [...language.extensions] : [],
);
const EXTENSIONS = [...new Set(ALL)].filter(
  (extension) => ALL.indexOf(extension) !== ALL.lastIndexOf(extension) || byContent(`a${extension}`, '') !== null,
);

const repeat = (fragment: string, length: number) => fragment.repeat(length / fragment.length);

/** Returns the CPU time of the work in milliseconds. */
function cpuTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Returns true if the time grows faster than the length of the text in every measurement. */
function growsTooFast(work: (length: number) => void): boolean {
  for (let i = 0; i < MEASUREMENTS; i++) {
    const long = cpuTime(() => work(SHORT_LENGTH * LENGTH_FACTOR));
    if (long < MIN_MEASURED_MS || long < MAX_GROWTH * cpuTime(() => work(SHORT_LENGTH))) return false;
  }
  return true;
}

/** Returns the first slow combination of name and fragment, or null if there is none. */
function findSlow(names: string[], fragments: string[], work: (name: string, text: string) => void): string | null {
  for (const name of names)
    for (const fragment of fragments)
      if (growsTooFast((length) => work(name, repeat(fragment, length))))
        return `${name} of ${JSON.stringify(fragment)}`;
  return null;
}

describe('linear time', () => {
  it('detects a slow pattern', () => {
    const rule = /import [^;]*;/;
    expect(findSlow(['a'], ['a ', 'import '], (_, text) => void rule.test(text))).toBe('a of "import "');
  });

  it('holds for the language of a text', () => {
    expect(EXTENSIONS.length).toBeGreaterThan(60);
    const names = [...EXTENSIONS, ...MARKED].map((extension) => `a${extension}`);
    expect(findSlow(names, FRAGMENTS, (name, text) => void languageOf(name, text))).toBeNull();
  });

  it('holds for a modeline and a shebang', () => {
    const starts = ['-*- ', '-*- mode: ', ' vim: ', ' vim: set ', '#!', '#!/bin/sh\nexec a '];
    const work = (start: string, text: string) => void languageOf('a', start + text.replaceAll('\n', ' '));
    expect(findSlow(starts, [...FRAGMENTS, '$0', '$0 ', ' -', '/', 'ft=', 'mode:'], work)).toBeNull();
  });

  it('holds for generated code', () => {
    const names = ['js', 'css', 'html', 'java', 'go', 'ps', 'h', 'dart', 'rb'].map((extension) => `a.${extension}`);
    const work = (name: string, text: string) => void excludedByContent(name, Buffer.from(text));
    expect(findSlow(names, [...FRAGMENTS, '/* GIMP ', '%%Creator: ', 'var _i '], work)).toBeNull();
  });

  it('holds for secrets', () => {
    const begin = ['-----BEGIN', ' '].join('');
    const tokens = [
      'A ',
      'sk-',
      'xoxb-',
      'xoxb-a',
      'teko_',
      'teko_a',
      'github_pat_',
      'eyJ.',
      '1',
      '"+',
      '" ',
      '\\n',
      '/a',
      ':a@',
      '://a',
    ];
    const names = ['a.ts', '.npmrc', 'a.sql', 'a.md'];
    const fragments = [...FRAGMENTS, ...tokens, begin, `${begin}A `, `${begin}PRIVATE KEY-----`];
    expect(findSlow(names, fragments, (name, text) => void classifyFile(name, Buffer.from(text)))).toBeNull();
  });

  it('holds for a path', () => {
    const parts = [
      '/a',
      'a/',
      '.a',
      'packages/',
      'extjs/',
      '/bootstrap',
      '/jquery',
      '/cache',
      'vendor/a.',
      '-lock',
      '.min',
      '/docs',
      'select2/',
      '/.env.',
    ];
    const work = (_: string, path: string) => {
      excludedByPath(path);
      classifyFile(path, Buffer.alloc(0));
    };
    expect(findSlow(['path'], parts, work)).toBeNull();
  });

  it('holds for attributes of many folders', () => {
    const work = (_: string, text: string) => {
      const folders = Array.from({ length: text.length / 10 }, (__, n) => `f${n}`);
      const read = parseAttributes(
        folders.map((name) => ({ path: `${name}/.gitattributes`, text: '*.a linguist-vendored' })),
      );
      for (const name of folders) read(`${name}/b.a`);
    };
    expect(findSlow(['many'], ['a'], work)).toBeNull();
  });
});
