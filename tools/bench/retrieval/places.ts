import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCodeBase, type CodeBase } from './code-base';

/** A real code base of others. None of them was used to learn the vectors of words. */
interface KnownCodeBase {
  name: string;
  language: string;
  /** Below one of the roots that are looked through; paths are told from the place named here on. */
  folders: string[];
  below: string;
  /** How to get it where it is not there. */
  get: string;
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
    below: 'usr/lib/',
    get: 'apt-get install libpython3-stdlib',
    wanted: /^(?!.*\/(?:test|idlelib|lib2to3|ensurepip|turtledemo|lib-dynload|site-packages|dist-packages)\/).*\.py$/,
  },
  {
    name: 'Symfony',
    language: 'PHP',
    folders: ['usr/share/php/Symfony'],
    below: 'usr/share/php/',
    get: 'apt-get install php-symfony (and more of php-symfony-*)',
    wanted: /./,
  },
  {
    name: 'libraries in Go',
    language: 'Go',
    folders: GO.split(' ').map((name) => `usr/share/gocode/src/github.com/${name}`),
    below: 'usr/share/gocode/src/',
    get: 'apt-get install golang-github-spf13-cobra-dev golang-github-go-git-go-git-dev (and others of that kind)',
    wanted: /./,
  },
  {
    name: 'npm packages with sources',
    language: 'TypeScript',
    folders: NPM.map((name) => `node_modules/${name}`),
    below: 'node_modules/',
    get: 'npm install rxjs ethers @reduxjs/toolkit chevrotain ajv mobx immer @tiptap/core, in a folder named by --root',
    wanted: /^(?!.*\/(?:dist|esm|cjs)\/)(?!.*\.d\.[mc]?ts$).*\.(?:tsx?|md|json)$/,
  },
];

/** What of a known code base is below the roots; null where nothing is. */
export function findCodeBase({ folders, below, wanted, language }: KnownCodeBase, roots: string[]): CodeBase | null {
  const files: CodeBase = new Map();
  for (const folder of folders) {
    const root = roots.find((one) => existsSync(join(one, folder)));
    if (!root) continue;
    for (const [path, text] of readCodeBase(root, [folder]))
      if (wanted.test(path)) files.set(path.slice(below.length), text);
    // Several versions of one standard library hold the same functions.
    if (language === 'Python') break;
  }
  return files.size > 0 ? files : null;
}
