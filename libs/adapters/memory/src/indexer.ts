import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { FileClassifier, FileRules, GitMirrors, IndexOptions, TreeEntry } from '@teko/domain';
import { chunksOf } from './syntax/chunks';
import type { CodeFile, CodeFiles, ReadFile } from './keywords/code-files';

const BATCH_FILES = 32;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Larger files are treated as data. */
const MAX_BYTES = 512 * 1024;
const MAX_FILES = 50_000;
/** Limits for attributes files, such as .gitattributes. */
const MAX_ATTRIBUTES_FILES = 500;
const MAX_ATTRIBUTES_FILE_BYTES = 16 * 1024;
const ATTRIBUTES_BATCH = 100;
const SWEEP_BATCH = 100;

interface IndexTarget {
  files: CodeFiles;
  mirrors: Pick<GitMirrors, 'tree' | 'blobs'>;
  repositoryId: string;
  commit: string;
}

/** Reads the new contents of a commit and makes exactly its files searchable. Resumes indexing that was aborted. */
export async function indexFiles(target: IndexTarget, options: IndexOptions): Promise<void> {
  const { files, mirrors, repositoryId, commit } = target;
  const tree = await mirrors.tree(repositoryId, commit);
  const all = tree.filter(({ mode }) => mode.startsWith('100'));
  const classifier = await classifierOf(target, all, options.rules);
  const wanted = await withAttributes(all.slice(0, MAX_FILES), classifier);
  files.dropReady(wanted);
  await sweep(files);
  const missing = files.missing(wanted);
  let done = 0;
  for (const batch of batches(missing)) {
    options.signal.throwIfAborted();
    files.addReady(await read(target, batch, classifier));
    done += batch.length;
    await options.onProgress('files', done, missing.length);
  }
  if (missing.length > 0 || files.commit !== commit) files.makeLive(commit, wanted, all.length - wanted.length);
  await sweep(files);
}

/** Deletes in small batches, to let other work of this process run. */
async function sweep(files: CodeFiles): Promise<void> {
  while (files.sweep(SWEEP_BATCH)) await setImmediate();
}

async function classifierOf(
  { mirrors, repositoryId }: IndexTarget,
  all: TreeEntry[],
  rules: FileRules,
): Promise<FileClassifier> {
  const attributesFiles = all.filter(({ path }) => rules.isAttributesFile(path)).slice(0, MAX_ATTRIBUTES_FILES);
  const blobs = [...new Set(attributesFiles.map(({ blob }) => blob))];
  const contents = await mirrors.blobs(repositoryId, blobs, MAX_ATTRIBUTES_FILE_BYTES);
  return rules.classifier(
    attributesFiles.map(({ path, blob }) => ({ path, text: contents.get(blob)?.toString() ?? '' })),
  );
}

type WantedFile = TreeEntry & CodeFile;

async function withAttributes(files: TreeEntry[], classifier: FileClassifier): Promise<WantedFile[]> {
  const found: WantedFile[] = [];
  for (const file of files) {
    if (found.length % ATTRIBUTES_BATCH === 0) await setImmediate();
    found.push({ ...file, attributes: classifier.attributesOf(file.path) });
  }
  return found;
}

async function read(
  { mirrors, repositoryId }: IndexTarget,
  batch: WantedFile[],
  classifier: FileClassifier,
): Promise<ReadFile[]> {
  const small = batch.filter(({ bytes }) => bytes <= MAX_BYTES).map(({ blob }) => blob);
  const contents = await mirrors.blobs(repositoryId, [...new Set(small)], MAX_BYTES);
  const found: ReadFile[] = [];
  for (const { path, blob, attributes } of batch) {
    const content = contents.get(blob);
    const { language, skipped } = content ? classifier.classify(path, content) : { language: null, skipped: 'large' };
    const chunks = skipped === null ? await chunksOf(textOf(content!), language) : [];
    found.push({ path, blob, attributes, language, skipped, chunks });
    // Let other work of this process run.
    await setImmediate();
  }
  return found;
}

/** Decodes UTF-8 or else Latin-1, without a byte order mark. */
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
