import type { ApprovalRule } from '@teko/contracts';
import { isRunnerFile, shadowsRunner } from '../gate/runner-files';
import { foldPath } from '../text/folded-path';
import { misleadingName, visiblePath } from './misleading-names';
import { isOrdinary, unknownReason } from './ordinary-files';
import { SENSITIVE_KINDS, type FoldedPath, type SensitiveKind } from './sensitive-kinds';

const LINK_MODE = '120000';
const SUBMODULE_MODE = '160000';
const EXECUTABLE_MODE = '100755';
const MAX_NAME_LENGTH = 255;
const MAX_PATH_LENGTH = 1024;
const SECRET_REASONS = {
  private_key: 'It contains a private key.',
  access_token: 'It contains what looks like an access token.',
};

/** A file that a change adds, modifies or deletes. A renamed file is two of them. */
export interface ChangedFile {
  path: string;
  /** Git mode before and after the change; null if the file does not exist. */
  oldMode: string | null;
  mode: string | null;
  /** Whether it starts with `#!` since the change. */
  isNewScript?: boolean;
  /** What the change adds to its content that must stay secret. */
  addsSecret?: 'private_key' | 'access_token' | null;
  /** Whether the gate found that it steers the tests, for example as a script that their command runs. */
  steersTests?: boolean;
  /** The file whose commands start it, for example a workflow of CI. */
  startedBy?: string;
}

/** A file that needs approval, and why. */
export interface SensitiveFile {
  path: string;
  /** One or more sentences. */
  reason: string;
}

export interface ApprovalPolicy {
  rule: ApprovalRule;
  /** Whether the repository's rule names the file, by its exact path. */
  isPreapproved?: (path: string) => boolean;
  /** Paths of all files after the change, to find files whose names differ only on some systems. */
  paths?: string[];
}

/**
 * Returns the files that need approval. Every file is sensitive unless it is recognisably source code, a test,
 * documentation or an asset. Paths are compared folded, as by foldPath.
 *
 * `preapproved` paths are excluded, except `.teko.yml`, instructions for agents, links, submodules, misleading names and added secrets.
 * With the rule `never`, only `.teko.yml`, instructions for agents and files that CI reads are left.
 */
export function sensitiveFiles(
  files: ChangedFile[],
  { rule, isPreapproved, paths = [] }: ApprovalPolicy,
): SensitiveFile[] {
  const twins = twinsOf(files, paths);
  return files.flatMap((file) => {
    const kind = kindOf(file);
    const irregularities = irregularitiesOf(file, twins);
    const reasons = [...irregularities, ...(kind ? [kind.reason] : []), ...scriptReasonsOf(file)];
    const scope = kind?.scope ?? 'other';
    if (reasons.length === 0 || (rule === 'never' && scope === 'other')) return [];
    const canBePreapproved = scope !== 'instructions' && irregularities.length === 0;
    return canBePreapproved && isPreapproved?.(file.path) ? [] : [{ path: file.path, reason: reasons.join(' ') }];
  });
}

const STARTERS =
  /^((package|composer)\.json|(gnu)?makefile|.*\.mk|\.?justfile|taskfile\.ya?ml|tox\.ini|noxfile\.py|rakefile|procfile|.*dockerfile.*|containerfile|lefthook\.ya?ml)$/;

/** Whether files with this path contain commands that start other files of the repository: CI, hooks, manifests, build files. */
export function startsOtherFiles(path: string): boolean {
  const file = partsOf(path);
  const kind = sensitiveKindOf(file);
  return STARTERS.test(file.name) || kind?.scope === 'ci' || kind?.reason === 'Git hooks run it.';
}

/** Returns the sensitive kind of a path, or null if it is ordinary. */
function kindOf({
  path,
  oldMode,
  steersTests,
  startedBy,
}: ChangedFile): Pick<SensitiveKind, 'reason' | 'scope'> | null {
  const file = partsOf(path);
  if (file.path.length > MAX_PATH_LENGTH) return { reason: 'Its path is very long.', scope: 'instructions' };
  const kind = sensitiveKindOf(file);
  if (kind) return kind;
  if (startedBy) {
    const isCi = sensitiveKindOf(partsOf(startedBy))?.scope === 'ci';
    return { reason: `${visiblePath(startedBy)} starts it.`, scope: isCi ? 'ci' : 'other' };
  }
  if (steersTests || isNewRunnerFile(path, oldMode))
    return { reason: 'The tests are started or steered by it.', scope: 'other' };
  return isOrdinary(file) ? null : { reason: unknownReason(file), scope: 'other' };
}

function sensitiveKindOf(file: FoldedPath): SensitiveKind | undefined {
  return SENSITIVE_KINDS.find(({ matches }) => matches(file));
}

/** A module that already existed is part of the code, whatever its name. */
function isNewRunnerFile(path: string, oldMode: string | null): boolean {
  return isRunnerFile(path) && !(oldMode !== null && shadowsRunner(path));
}

function partsOf(path: string): FoldedPath {
  const folded = foldPath(path);
  const folders = folded.split('/');
  const name = folders.pop()!;
  const dot = name.lastIndexOf('.');
  return { path: folded, folders, name, extension: dot > 0 ? name.slice(dot + 1) : '' };
}

/** Returns why the file is not what its path makes readers believe, or what it gives away. Such files cannot be preapproved. */
function irregularitiesOf({ path, mode, addsSecret }: ChangedFile, twins: Map<string, string[]>): string[] {
  const misleading = misleadingName(path);
  const twin = twins.get(foldPath(path))?.find((other) => other !== path);
  return [
    ...(mode === LINK_MODE ? ['It is a symbolic link.'] : []),
    ...(mode === SUBMODULE_MODE ? ['It is a submodule: code of another repository.'] : []),
    ...(addsSecret ? [SECRET_REASONS[addsSecret]] : []),
    ...(misleading ? [misleading] : []),
    ...(twin && mode !== null ? [`Some systems take it for ${twin}.`] : []),
    ...(path.split('/').some((name) => name.length > MAX_NAME_LENGTH) ? ['Its name is very long.'] : []),
  ];
}

function scriptReasonsOf({ mode, oldMode, isNewScript }: ChangedFile): string[] {
  if (mode === EXECUTABLE_MODE && oldMode !== EXECUTABLE_MODE) return ['It becomes executable.'];
  return isNewScript ? ['It becomes a script that can be run.'] : [];
}

/** Returns the paths by folded path, of the folded paths of changed files that more than one path has. */
function twinsOf(files: ChangedFile[], paths: string[]): Map<string, string[]> {
  const changed = new Set(files.filter(({ mode }) => mode !== null).map(({ path }) => foldPath(path)));
  const byFolded = new Map<string, string[]>();
  for (const path of paths) {
    const folded = foldPath(path);
    if (changed.has(folded)) byFolded.set(folded, [...(byFolded.get(folded) ?? []), path]);
  }
  return new Map([...byFolded].filter(([, all]) => all.length > 1));
}
