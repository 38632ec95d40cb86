import { Inject, Injectable } from '@nestjs/common';
import {
  Clock,
  ConflictError,
  CodebaseProfileRepository,
  GitMirrors,
  Ids,
  isInfrastructureOutage,
  LANGUAGES,
  NotFoundError,
  RepositoryRepository,
  type CodebaseProfile,
  type Repository,
  type Toolchain,
  type TreeEntry,
} from '@teko/domain';
import { IndexingService } from './indexing.service';
import { loadLinguist } from './linguist';
import { hotSpotsOf, modulesOf } from './structure';
import { detectFrameworks, detectToolchains, isManifest } from './toolchains';

const MAX_HEAD_BYTES = 16 * 1024;
const MAX_MANIFEST_BYTES = 512 * 1024;
const BATCH_SIZE = 500;
/** The number of recent commits from which modules and hot spots are computed. */
const MAX_RECENT_COMMITS = 1_000;
/** Larger files are classified by their name alone. */
const MAX_READ_BYTES = 2 * 1024 * 1024;

/** Fetches repositories and creates a codebase profile per commit. */
@Injectable()
export class AnalysisService {
  constructor(
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(CodebaseProfileRepository) private readonly profiles: CodebaseProfileRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(IndexingService) private readonly indexing: IndexingService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /**
   * Updates mirror and profile to the tip of the default branch, unless they were updated less than `freshMs` ago. An error
   * is stored on the repository and thrown.
   */
  async analyse(repositoryId: string, { freshMs = 0 } = {}): Promise<CodebaseProfile> {
    const repository = await this.repositories.findById(repositoryId);
    if (!repository) throw new NotFoundError('repository', repositoryId);
    const freshProfile = await this.findFreshProfile(repository, freshMs);
    if (freshProfile) return freshProfile;
    try {
      const { defaultBranch, headCommit } = await this.mirrors.sync(repository);
      const profile = await this.analyseCommit(repository, headCommit);
      const now = this.clock.now();
      await this.repositories.update(repositoryId, {
        defaultBranch,
        headCommit,
        fetchedAt: now,
        status: 'ready',
        statusReason: null,
        updatedAt: now,
      });
      await this.indexing.requestIfOutdated(repositoryId, headCommit);
      return profile;
    } catch (error) {
      if (isInfrastructureOutage(error)) throw error;
      await this.repositories.update(repositoryId, {
        status: 'failed',
        statusReason: (error as Error).message,
        updatedAt: this.clock.now(),
      });
      throw error;
    }
  }

  private async findFreshProfile(
    { id, status, fetchedAt, headCommit }: Repository,
    ms: number,
  ): Promise<CodebaseProfile | null> {
    if (status !== 'ready' || !fetchedAt || !headCommit) return null;
    return this.clock.now().getTime() - fetchedAt.getTime() < ms ? this.profiles.findByCommit(id, headCommit) : null;
  }

  /** Returns the stored profile of a commit, or creates it. */
  async analyseCommit(repository: Repository, commit: string): Promise<CodebaseProfile> {
    const known = await this.profiles.findByCommit(repository.id, commit);
    if (known) return known;
    const tree = await this.mirrors.tree(repository.id, commit);
    const manifests = await this.readManifests(repository.id, tree);
    const { countLanguages } = await loadLinguist();
    const { languages, counted, ...counts } = countLanguages(tree, await this.readHeads(repository.id, tree));
    const changes = await this.mirrors.fileChanges(repository.id, commit, MAX_RECENT_COMMITS);
    const toolchains = byShare(
      detectToolchains(
        tree.map(({ path }) => path),
        manifests,
      ),
      languages,
    );
    const profile: CodebaseProfile = {
      id: this.ids.next(),
      repositoryId: repository.id,
      commit,
      languages,
      frameworks: detectFrameworks(manifests),
      packageManagers: [...new Set(toolchains.flatMap(({ packageManager }) => packageManager ?? []))],
      toolchains,
      commands: toolchains[0]?.commands ?? { setup: null, test: null, lint: null, build: null },
      ...counts,
      modules: modulesOf(counted, changes),
      hotSpots: hotSpotsOf(counted, changes),
      createdAt: this.clock.now(),
    };
    try {
      await this.profiles.save(profile);
    } catch (error) {
      // Another worker has stored the same profile.
      if (!(error instanceof ConflictError)) throw error;
    }
    return profile;
  }

  private async readManifests(repositoryId: string, tree: TreeEntry[]): Promise<Map<string, string>> {
    const entries = tree.filter(({ path }) => isManifest(path));
    const blobs = await this.mirrors.blobs(
      repositoryId,
      entries.map(({ blob }) => blob),
      MAX_MANIFEST_BYTES,
    );
    return new Map(entries.map(({ path, blob }) => [path, blobs.get(blob)?.toString('utf8') ?? '']));
  }

  private async readHeads(repositoryId: string, tree: TreeEntry[]): Promise<Map<string, Buffer>> {
    const ids = [
      ...new Set(
        tree.filter(({ bytes, mode }) => bytes <= MAX_READ_BYTES && mode.startsWith('100')).map(({ blob }) => blob),
      ),
    ];
    const heads = new Map<string, Buffer>();
    for (let at = 0; at < ids.length; at += BATCH_SIZE) {
      for (const [id, head] of await this.mirrors.blobs(repositoryId, ids.slice(at, at + BATCH_SIZE), MAX_HEAD_BYTES))
        heads.set(id, head);
    }
    return heads;
  }
}

/** Sorts by the share of the language; with equal shares, the toolchain nearest the root comes first. */
function byShare(toolchains: Toolchain[], shares: { name: string; share: number }[]): Toolchain[] {
  const weight = ({ language, commands }: Toolchain) => {
    const names = LANGUAGES.find(({ id }) => id === language)?.linguist ?? [];
    const share = shares.filter(({ name }) => names.includes(name)).reduce((sum, row) => sum + row.share, 0);
    return share + (commands.test ? 0.01 : 0);
  };
  return [...toolchains].sort((a, b) => weight(b) - weight(a));
}
