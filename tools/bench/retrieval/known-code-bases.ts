import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCodeBase, type CodeBase } from './code-base';

/** A public code base. None of them was used to train the word vectors. */
interface KnownCodeBase {
  name: string;
  language: string;
  /** Folders below one of the searched roots. */
  folders: string[];
  /** Prefix that is removed from paths. */
  prefix: string;
  /** How to install it. */
  install: string;
  wanted: RegExp;
}

const GO =
  'spf13/cobra spf13/viper spf13/afero go-git/go-git gin-gonic/gin gocql/gocql google/gopacket prometheus/client_golang ' +
  'go-kit/kit Shopify/sarama antlr/antlr4';
const NPM = ['rxjs', 'zod', 'ethers', '@reduxjs/toolkit', 'chevrotain', 'ajv', 'mobx', 'immer', '@tiptap/core'];

export const KNOWN: KnownCodeBase[] = [
  {
    name: "Python's standard library",
    language: 'Python',
    folders: ['usr/lib/python3.11', 'usr/lib/python3.13', 'usr/lib/python3.12'],
    prefix: 'usr/lib/',
    install: 'apt-get install libpython3-stdlib',
    wanted: /^(?!.*\/(?:test|idlelib|lib2to3|ensurepip|turtledemo|lib-dynload|site-packages|dist-packages)\/).*\.py$/,
  },
  {
    name: 'Symfony',
    language: 'PHP',
    folders: ['usr/share/php/Symfony'],
    prefix: 'usr/share/php/',
    install: 'apt-get install php-symfony (and other php-symfony-* packages)',
    wanted: /./,
  },
  {
    name: 'libraries in Go',
    language: 'Go',
    folders: GO.split(' ').map((name) => `usr/share/gocode/src/github.com/${name}`),
    prefix: 'usr/share/gocode/src/',
    install:
      'apt-get install golang-github-spf13-cobra-dev golang-github-go-git-go-git-dev (and other golang-*-dev packages)',
    wanted: /./,
  },
  {
    name: 'npm packages with sources',
    language: 'TypeScript',
    folders: NPM.map((name) => `node_modules/${name}`),
    prefix: 'node_modules/',
    install:
      'npm install rxjs ethers @reduxjs/toolkit chevrotain ajv mobx immer @tiptap/core, in a folder named by --root',
    wanted: /^(?!.*\/(?:dist|esm|cjs)\/)(?!.*\.d\.[mc]?ts$).*\.(?:tsx?|md|json)$/,
  },
];

/** Reads a known code base from the first root that has each folder. Returns null if none is found. */
export function findCodeBase({ folders, prefix, wanted, language }: KnownCodeBase, roots: string[]): CodeBase | null {
  const files: CodeBase = new Map();
  for (const folder of folders) {
    const root = roots.find((one) => existsSync(join(one, folder)));
    if (!root) continue;
    for (const [path, text] of readCodeBase(root, [folder]))
      if (wanted.test(path)) files.set(path.slice(prefix.length), text);
    // Several versions of the standard library contain the same functions.
    if (language === 'Python') break;
  }
  return files.size > 0 ? files : null;
}
