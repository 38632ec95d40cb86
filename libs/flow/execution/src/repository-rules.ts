import { Inject, Injectable } from '@nestjs/common';
import { GitMirrors } from '@teko/domain';
import { isAlias, isMap, isScalar, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { RunAborted } from './run-result';
import type { RunContext } from './run-context';

const MAX_BYTES = 32 * 1024;
const TEXT_FILES = ['AGENTS.md', 'CLAUDE.md'];
const SETTINGS_FILE = '.teko.yml';

const line = z.string().max(2_000).nullish();
const Settings = z.strictObject({
  /** Installs dependencies. */
  setup: line,
  test: line,
  instructions: z.string().max(10_000).nullish(),
});

/** Commands and guidelines from the files of a repository. */
export interface Rules {
  setup: string | null;
  test: string | null;
  texts: { path: string; text: string }[];
}

/**
 * Reads the rules of a repository for agents from the base commit of the run. A proposed branch can therefore not change
 * them.
 */
@Injectable()
export class RepositoryRules {
  constructor(@Inject(GitMirrors) private readonly mirrors: GitMirrors) {}

  /** Throws RunAborted with the validation errors if the settings file is invalid. */
  async of({ run, repository }: Pick<RunContext, 'run' | 'repository'>): Promise<Rules> {
    const readText = (path: string) => this.mirrors.readFile(repository.id, run.baseCommit!, path, MAX_BYTES);
    const source = await readText(SETTINGS_FILE);
    const { setup = null, test = null, instructions } = source === null ? {} : settingsOf(source);
    const texts = instructions ? [{ path: SETTINGS_FILE, text: instructions }] : [];
    for (const path of TEXT_FILES) {
      const text = await readText(path);
      // Some repositories have the same content under both names.
      if (text?.trim() && texts.every((other) => other.text !== text)) texts.push({ path, text });
    }
    return { setup, test, texts };
  }
}

function settingsOf(source: string): z.infer<typeof Settings> {
  // The parser would print warnings, and describe each error with its surroundings, which takes seconds for thousands of them.
  const document = parseDocument(source, { logLevel: 'error', prettyErrors: false });
  const [error] = document.errors;
  if (error) throw invalidYaml(`${error.message} at line ${source.slice(0, error.pos[0]).split('\n').length}`);
  const settings = Settings.safeParse(valueOf(document));
  if (settings.success) return settings.data;
  const errors = settings.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new RunAborted('repository_error', `${SETTINGS_FILE} is invalid. ${errors.join('; ')}`);
}

/**
 * Returns the settings without what is nested in them. Nothing nested is valid, and to convert it can take minutes (keys that are
 * mappings themselves) or any amount of memory (aliases of aliases).
 */
function valueOf(document: Document): unknown {
  const { contents } = document;
  if (!isMap(contents)) return contents === null ? {} : shallow(contents);
  const entries = contents.items.map(({ key, value }) => {
    if (!isScalar(key)) throw invalidYaml('a key must be plain text');
    const target = isAlias(value) && String(key.value) in Settings.shape ? value.resolve(document) : value;
    if (target === undefined) throw invalidYaml(`Unresolved alias of ${String(key.value)}`);
    return [String(key.value), shallow(target)];
  });
  return Object.fromEntries(entries);
}

function shallow(node: unknown): unknown {
  if (isScalar(node)) return node.value;
  return isMap(node) ? {} : node === null ? null : [];
}

function invalidYaml(reason: string): RunAborted {
  return new RunAborted('repository_error', `${SETTINGS_FILE} is not valid YAML: ${reason.split('\n')[0]}`);
}
