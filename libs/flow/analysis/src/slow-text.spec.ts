import * as linguist from 'linguist-languages';
import { describe, expect, it } from 'vitest';
import { byContent } from './ambiguous';
import { readAttributes } from './attributes';
import { classifyFile } from './classify';
import { excludedByContent, excludedByPath } from './excluded';
import { languageOf } from './languages';

/*
 * Strangers write what is classified, so no text may take more than time in proportion to its length. A rule that looks at what is
 * left of a text from each of its places takes 16 times as long for 4 times the text; it is told by that growth, in the time
 * of this process, each of several times that it is measured.
 */
const SMALL = 6_000;
const TIMES = 4;
const MAX_GROWTH = 9;
/** What takes less says nothing about growth. */
const FAST_MS = 12;
const TRIES = 3;

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

/** The milliseconds of this process. */
function spent(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Whether the work takes more than its share for a longer text, each time that it is measured. */
function growsTooFast(work: (length: number) => void): boolean {
  for (let tries = 0; tries < TRIES; tries++) {
    const long = spent(() => work(SMALL * TIMES));
    if (long < FAST_MS || long < MAX_GROWTH * spent(() => work(SMALL))) return false;
  }
  return true;
}

/** The first of the names and fragments that is slow. */
function slowOne(names: string[], fragments: string[], work: (name: string, text: string) => void): string | null {
  for (const name of names)
    for (const fragment of fragments)
      if (growsTooFast((length) => work(name, repeat(fragment, length))))
        return `${name} of ${JSON.stringify(fragment)}`;
  return null;
}

describe('no text is slow', () => {
  it('tells a rule that is', () => {
    const rule = /import [^;]*;/;
    expect(slowOne(['a'], ['a ', 'import '], (_, text) => void rule.test(text))).toBe('a of "import "');
  });

  it('for the language of it', () => {
    expect(EXTENSIONS.length).toBeGreaterThan(60);
    const names = [...EXTENSIONS, ...MARKED].map((extension) => `a${extension}`);
    expect(slowOne(names, FRAGMENTS, (name, text) => void languageOf(name, text))).toBeNull();
  });

  it('for a modeline and an interpreter line', () => {
    const starts = ['-*- ', '-*- mode: ', ' vim: ', ' vim: set ', '#!', '#!/bin/sh\nexec a '];
    const work = (start: string, text: string) => void languageOf('a', start + text.replaceAll('\n', ' '));
    expect(slowOne(starts, [...FRAGMENTS, '$0', '$0 ', ' -', '/', 'ft=', 'mode:'], work)).toBeNull();
  });

  it('for what a tool wrote', () => {
    const names = ['js', 'css', 'html', 'java', 'go', 'ps', 'h', 'dart', 'rb'].map((extension) => `a.${extension}`);
    const work = (name: string, text: string) => void excludedByContent(name, Buffer.from(text));
    expect(slowOne(names, [...FRAGMENTS, '/* GIMP ', '%%Creator: ', 'var _i '], work)).toBeNull();
  });

  it('for a secret in it', () => {
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
    expect(slowOne(names, fragments, (name, text) => void classifyFile(name, Buffer.from(text)))).toBeNull();
  });

  it('for a path', () => {
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
    expect(slowOne(['path'], parts, work)).toBeNull();
  });

  it('for attributes of many folders', () => {
    const work = (_: string, text: string) => {
      const folders = Array.from({ length: text.length / 10 }, (__, n) => `f${n}`);
      const read = readAttributes(
        folders.map((name) => ({ path: `${name}/.gitattributes`, text: '*.a linguist-vendored' })),
      );
      for (const name of folders) read(`${name}/b.a`);
    };
    expect(slowOne(['many'], ['a'], work)).toBeNull();
  });
});
