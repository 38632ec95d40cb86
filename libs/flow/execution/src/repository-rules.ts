import { Inject, Injectable } from '@nestjs/common';
import { GitMirrors } from '@teko/domain';
import { parseDocument } from 'yaml';
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

/** What a repository says to agents. */
export interface Rules {
  setup: string | null;
  test: string | null;
  texts: { path: string; text: string }[];
}

/**
 * Reads what a repository says to agents, from the commit of the base branch that the run stands on: never from a branch
 * that somebody else proposes.
 */
@Injectable()
export class RepositoryRules {
  constructor(@Inject(GitMirrors) private readonly mirrors: GitMirrors) {}

  /** Ends the run where the settings file cannot be read, naming what is wrong in it. */
  async of({ run, repository }: Pick<RunContext, 'run' | 'repository'>): Promise<Rules> {
    const read = (path: string) => this.mirrors.readFile(repository.id, run.baseCommit!, path, MAX_BYTES);
    const source = await read(SETTINGS_FILE);
    const { setup = null, test = null, instructions } = source === null ? {} : settingsOf(source);
    const texts = instructions ? [{ path: SETTINGS_FILE, text: instructions }] : [];
    for (const path of TEXT_FILES) {
      const text = await read(path);
      // Some repositories keep one file under both names.
      if (text?.trim() && texts.every((other) => other.text !== text)) texts.push({ path, text });
    }
    return { setup, test, texts };
  }
}

function settingsOf(source: string): z.infer<typeof Settings> {
  const document = parseDocument(source);
  const [fault] = document.errors;
  if (fault) throw new RunAborted('repository_error', `${SETTINGS_FILE} is not YAML: ${fault.message.split('\n')[0]}`);
  const settings = Settings.safeParse((document.toJS() as unknown) ?? {});
  if (settings.success) return settings.data;
  const faults = settings.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new RunAborted('repository_error', `${SETTINGS_FILE} is wrong. ${faults.join('; ')}`);
}
