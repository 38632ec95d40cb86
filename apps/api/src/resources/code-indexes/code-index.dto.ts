import { CODE_INDEX_STATUSES, INDEX_PHASES, type CodeIndexStatus, type IndexPhase } from '@teko/contracts';
import type { CodeIndex, IndexCoverage } from '@teko/domain';
import { OmitType } from '@nestjs/swagger';
import { Counts, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';

/** What the index of a commit contains. */
export class IndexCoverageDto implements IndexCoverage {
  @Num('Number of indexed files.', 412) files: number;
  @Num('Number of indexed chunks.', 3180) chunks: number;
  @Num('Number of chunks with a vector, which semantic search can find.', 3180) vectors: number;
  @Text('Embedding model; null for keyword search only.', 'local', { nullable: true })
  embedder: string | null;
  @Counts('Number of skipped files by reason.', { generated: 3, binary: 12 }) skipped: Record<string, number>;
  @Counts('Number of indexed files by language.', { TypeScript: 390 }) languages: Record<string, number>;
}

class WholeCodeIndexDto implements CodeIndex {
  @Id('Unique ID.') id: string;
  @Id('ID of the repository.') repositoryId: string;
  @OneOf(CODE_INDEX_STATUSES, 'Current status.', { example: 'ready' }) status: CodeIndexStatus;
  @Text('Why the last attempt failed.', 'git cannot be run', { nullable: true, example: null }) statusReason:
    string | null;
  @Text('Commit that can be searched; null before the first index.', '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b', {
    nullable: true,
  })
  commit: string | null;
  @When('When this commit was indexed.', { nullable: true }) indexedAt: Date | null;
  @Nested(() => IndexCoverageDto, 'What the index contains.', { nullable: true }) coverage: IndexCoverageDto | null;
  @Text('Why search is currently degraded; null if it is not.', 'Keyword search only: Chroma is not reachable.', {
    nullable: true,
    example: null,
  })
  notice: string | null;
  @OneOf(INDEX_PHASES, 'Current phase: first files are indexed for keyword search, then vectors are computed.', {
    nullable: true,
    example: null,
  })
  phase: IndexPhase | null;
  @Num('Number of files processed in this phase.', 412) doneFiles: number;
  @Num('Total number of files in this phase.', 412) totalFiles: number;
  @When('When cancellation was requested.', { nullable: true, example: null }) cancelRequestedAt: Date | null;
  leaseOwner: string | null;
  leaseExpiresAt: Date | null;
  @Num('Number of failed attempts.', 0) attempts: number;
  @When('When the next attempt is due.') dueAt: Date;
  @When('When the last attempt started.', { nullable: true }) startedAt: Date | null;
  @When('When the last attempt ended.', { nullable: true }) finishedAt: Date | null;
  @When('When it was first requested.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

/** The state of a repository's code index. */
export class CodeIndexDto extends OmitType(WholeCodeIndexDto, ['leaseOwner', 'leaseExpiresAt'] as const) {}

/** Removes the lease, which is internal. */
export function codeIndexDto({ leaseOwner: _owner, leaseExpiresAt: _until, ...index }: CodeIndex): CodeIndexDto {
  return index;
}
