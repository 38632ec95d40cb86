import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { FileClassifier, FileRules, GitMirrors, IndexOptions, TreeEntry } from '@teko/domain';
import { chunksOf } from './syntax/chunks';
import type { CodeFile, CodeFiles, ReadFile } from './words/code-files';

const BATCH_FILES = 32;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Larger files are data, whatever their name says. */
const MAX_BYTES = 512 * 1024;
const MAX_FILES = 50_000;
/** Of files that speak of others, so many are heard, and so far. */
const MAX_ATTRIBUTES_FILES = 500;
const MAX_ATTRIBUTES_FILE_BYTES = 16 * 1024;
const SAID_AT_ONCE = 100;
const SWEPT_AT_ONCE = 100;

interface Place {
  files: CodeFiles;
  mirrors: Pick<GitMirrors, 'tree' | 'blobs'>;
  repositoryId: string;
  commit: string;
}

/** Reads what is new at a commit, and makes exactly its files the searchable ones. Goes on where it was stopped. */
export async function bringFiles(place: Place, options: IndexOptions): Promise<void> {
  const { files, mirrors, repositoryId, commit } = place;
  const tree = await mirrors.tree(repositoryId, commit);
  const all = tree.filter(({ mode }) => mode.startsWith('100'));
  const classifier = await classifierOf(place, all, options.rules);
  const wanted = await withSaid(all.slice(0, MAX_FILES), classifier);
  files.dropReady(wanted);
  await sweep(files);
  const missing = files.missing(wanted);
  let done = 0;
  for (const batch of batches(missing)) {
    options.signal.throwIfAborted();
    files.addReady(await read(place, batch, classifier));
    done += batch.length;
    await options.onProgress('files', done, missing.length);
  }
  if (missing.length > 0 || files.commit !== commit) files.makeLive(commit, wanted, all.length - wanted.length);
  await sweep(files);
}

/** In small parts, since others work in this process too. */
async function sweep(files: CodeFiles): Promise<void> {
  while (files.sweep(SWEPT_AT_ONCE)) await setImmediate();
}

async function classifierOf(
  { mirrors, repositoryId }: Place,
  all: TreeEntry[],
  rules: FileRules,
): Promise<FileClassifier> {
  const speaking = all.filter(({ path }) => rules.isAttributesFile(path)).slice(0, MAX_ATTRIBUTES_FILES);
  const blobs = [...new Set(speaking.map(({ blob }) => blob))];
  const contents = await mirrors.blobs(repositoryId, blobs, MAX_ATTRIBUTES_FILE_BYTES);
  return rules.classifier(speaking.map(({ path, blob }) => ({ path, text: contents.get(blob)?.toString() ?? '' })));
}

type WantedFile = TreeEntry & CodeFile;

async function withSaid(files: TreeEntry[], classifier: FileClassifier): Promise<WantedFile[]> {
  const found: WantedFile[] = [];
  for (const file of files) {
    if (found.length % SAID_AT_ONCE === 0) await setImmediate();
    found.push({ ...file, said: classifier.attributesOf(file.path) });
  }
  return found;
}

async function read(
  { mirrors, repositoryId }: Place,
  batch: WantedFile[],
  classifier: FileClassifier,
): Promise<ReadFile[]> {
  const small = batch.filter(({ bytes }) => bytes <= MAX_BYTES).map(({ blob }) => blob);
  const contents = await mirrors.blobs(repositoryId, [...new Set(small)], MAX_BYTES);
  const found: ReadFile[] = [];
  for (const { path, blob, said } of batch) {
    const content = contents.get(blob);
    const { language, skipped } = content ? classifier.classify(path, content) : { language: null, skipped: 'large' };
    const chunks = skipped === null ? await chunksOf(textOf(content!), language) : [];
    found.push({ path, blob, said, language, skipped, chunks });
    // Others work in this process too.
    await setImmediate();
  }
  return found;
}

/** What is not UTF-8 is mostly Latin-1, where every byte is a letter. A mark of the byte order is none. */
function textOf(content: Buffer): string {
  return content.toString(isUtf8(content) ? 'utf8' : 'latin1').replace(/^\uFEFF/, '');
}

function batches(files: WantedFile[]): WantedFile[][] {
  const found: WantedFile[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = found.at(-1);
    if (!last || last.length >= BATCH_FILES || bytes + file.bytes > BATCH_BYTES) {
      found.push([file]);
      bytes = 0;
    } else last.push(file);
    bytes += Math.min(file.bytes, MAX_BYTES);
  }
  return found;
}
