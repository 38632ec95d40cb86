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
import { done, nothing, type Outcome } from './outcome';
import { RepositoryIntake, type RepositoryPatch } from './repository-intake.service';

/** A repository that can be imported; `repositoryId` where it was already. */
export type AvailableRepository = ExternalRepository & { repositoryId: string | null };

const FORGE_NAME = /^[\w.-]+\/[\w.-]+$/;

/** Takes repositories of the forge under care, and keeps what the forge says about them in step. */
@Injectable()
export class ForgeImport {
  constructor(
    @Inject(ForgeConnection) private readonly connection: ForgeConnection,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(RepositoryIntake) private readonly intake: RepositoryIntake,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Repositories that the connection sees. */
  async available(query: { q?: string; page: number; perPage: number }): Promise<Page<AvailableRepository>> {
    const { data, total } = await this.connection.repositories(query);
    const known = await Promise.all(data.map(({ forgeId }) => this.repositories.findByForgeId('github', forgeId)));
    return { data: data.map((outside, i) => ({ ...outside, repositoryId: known[i]?.id ?? null })), total };
  }

  /** Takes one under care. Throws InvalidError for `forgeName`, ConflictError with `repositoryId`. */
  async add(forgeName: string, patch: RepositoryPatch): Promise<Repository> {
    if (!FORGE_NAME.test(forgeName)) throw new InvalidError({ forgeName: 'must look like owner/name' });
    const outside = await this.connection.repository(forgeName);
    if (!outside) throw new InvalidError({ forgeName: 'cannot be seen by the connection; give it access first' });
    const taken =
      (await this.repositories.findByForgeId('github', outside.forgeId)) ??
      (await this.repositories.findByUrl(outside.url));
    if (taken) throw new ConflictError(`repository ${taken.name} is this one`, { repositoryId: taken.id });
    const { url, forgeId, defaultBranch, archived } = outside;
    const source = { url, forge: 'github', forgeId, forgeName: outside.forgeName, defaultBranch, archived } as const;
    return this.intake.store(source, { name: outside.forgeName, ...patch });
  }

  /** Takes over name, address, default branch and whether it is archived; null where it is gone. */
  async keepInStep(repository: Repository, outside: ExternalRepository | null): Promise<Outcome> {
    const patch = outside ? changesOf(repository, outside) : { archived: true };
    const isSame = Object.entries(patch).every(([key, value]) => repository[key as keyof Repository] === value);
    if (isSame) return nothing('It was known.');
    await this.repositories.update(repository.id, { ...patch, updatedAt: this.clock.now() });
    const { id } = repository;
    await this.events.record({ type: 'repository', subjectId: id, repositoryId: id, taskId: null, runId: null });
    return done(`${repository.name}: ${Object.keys(patch).join(', ')} as on the forge.`);
  }
}

/** A name that people gave it stays. */
function changesOf(repository: Repository, outside: ExternalRepository): Partial<Repository> {
  const { forgeName, url, defaultBranch, archived } = outside;
  const isNamedAfterIt = repository.name === repository.forgeName;
  return { forgeName, url, defaultBranch, archived, ...(isNamedAfterIt && { name: forgeName }) };
}
