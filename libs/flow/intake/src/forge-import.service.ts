import { Inject, Injectable } from '@nestjs/common';
import type { Page } from '@teko/contracts';
import {
  Clock,
  ConflictError,
  ForgeConnection,
  InvalidError,
  RepositoryRepository,
  type ExternalRepository,
  type Repository,
} from '@teko/domain';
import { Events } from '@teko/platform';
import { handled, ignored, type Outcome } from './outcome';
import { RepositoryIntake, type RepositoryPatch } from './repository-intake.service';

/** A repository on the forge; `repositoryId` is set if Teko already manages it. */
export type ImportableRepository = ExternalRepository & { repositoryId: string | null };

const FORGE_NAME = /^[\w.-]+\/[\w.-]+$/;

/** Imports repositories from the forge and keeps their metadata in sync. */
@Injectable()
export class ForgeImport {
  constructor(
    @Inject(ForgeConnection) private readonly connection: ForgeConnection,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(RepositoryIntake) private readonly intake: RepositoryIntake,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Lists the repositories that the connection has access to. */
  async available(query: { q?: string; page: number; perPage: number }): Promise<Page<ImportableRepository>> {
    const { data, total } = await this.connection.repositories(query);
    const known = await Promise.all(data.map(({ forgeId }) => this.repositories.findByForgeId('github', forgeId)));
    return { data: data.map((external, i) => ({ ...external, repositoryId: known[i]?.id ?? null })), total };
  }

  /** Imports a repository. Throws InvalidError for `forgeName`, or ConflictError with `repositoryId` if it is already managed. */
  async add(forgeName: string, patch: RepositoryPatch): Promise<Repository> {
    if (!FORGE_NAME.test(forgeName)) throw new InvalidError({ forgeName: 'must look like owner/name' });
    const external = await this.connection.repository(forgeName);
    if (!external) throw new InvalidError({ forgeName: 'is not visible to the connection; grant it access first' });
    const existing =
      (await this.repositories.findByForgeId('github', external.forgeId)) ??
      (await this.repositories.findByUrl(external.url));
    if (existing)
      throw new ConflictError(`this repository is already managed as ${existing.name}`, { repositoryId: existing.id });
    const { url, forgeId, defaultBranch, archived } = external;
    const source = { url, forge: 'github', forgeId, forgeName: external.forgeName, defaultBranch, archived } as const;
    return this.intake.store(source, { name: external.forgeName, ...patch });
  }

  /** Updates name, URL, default branch and archived state from the forge. A repository that is null there is archived in Teko. */
  async syncMetadata(repository: Repository, external: ExternalRepository | null): Promise<Outcome> {
    const patch = external ? metadataPatch(repository, external) : { archived: true };
    const isUnchanged = Object.entries(patch).every(([key, value]) => repository[key as keyof Repository] === value);
    if (isUnchanged) return ignored('Already up to date.');
    await this.repositories.update(repository.id, { ...patch, updatedAt: this.clock.now() });
    const { id } = repository;
    await this.events.record({ type: 'repository', subjectId: id, repositoryId: id, taskId: null, runId: null });
    return handled(`${repository.name}: updated ${Object.keys(patch).join(', ')} from the forge.`);
  }
}

/** Keeps a name that users have changed. */
function metadataPatch(repository: Repository, external: ExternalRepository): Partial<Repository> {
  const { forgeName, url, defaultBranch, archived } = external;
  const hasForgeName = repository.name === repository.forgeName;
  return { forgeName, url, defaultBranch, archived, ...(hasForgeName && { name: forgeName }) };
}
