import { CODE_INDEX_STATUSES, INDEX_PHASES, type CodeIndexStatus, type IndexPhase } from '@teko/contracts';
import type { CodeIndex, IndexCoverage } from '@teko/domain';
import { OmitType } from '@nestjs/swagger';
import { Counts, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';

/** What of a commit is in memory. */
export class IndexCoverageDto implements IndexCoverage {
  @Num('Files that can be found.', 412) files: number;
  @Num('Pieces of them.', 3180) chunks: number;
  @Num('Pieces that can be found by meaning.', 3180) vectors: number;
  @Text('Model of the vectors; null where search is by words alone.', 'local', { nullable: true })
  embedder: string | null;
  @Counts('Files left out, by reason.', { generated: 3, binary: 12 }) skipped: Record<string, number>;
  @Counts('Files that can be found, by language.', { TypeScript: 390 }) languages: Record<string, number>;
}

class WholeCodeIndexDto implements CodeIndex {
  @Id('Identifier.') id: string;
  @Id('Repository.') repositoryId: string;
  @OneOf(CODE_INDEX_STATUSES, 'How far it is.') status: CodeIndexStatus;
  @Text('Why the last try failed.', 'git cannot be run', { nullable: true }) statusReason: string | null;
  @Text('Commit that can be searched; null before the first index.', '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b', {
    nullable: true,
  })
  commit: string | null;
  @When('When that was ready.', { nullable: true }) indexedAt: Date | null;
  @Nested(() => IndexCoverageDto, 'What is there for it.', { nullable: true }) coverage: IndexCoverageDto | null;
  @Text('What makes search worse at the moment.', 'Found by words alone: chroma does not answer.', { nullable: true })
  notice: string | null;
  @OneOf(INDEX_PHASES, 'What is being done: files are read, then they get vectors.', { nullable: true })
  phase: IndexPhase | null;
  @Num('Files done in this phase.', 120) doneFiles: number;
  @Num('Files of this phase.', 412) totalFiles: number;
  @When('When somebody asked for its end.', { nullable: true }) cancelRequestedAt: Date | null;
  leaseOwner: string | null;
  leasedUntil: Date | null;
  @Num('Tries without success so far.', 0) attempts: number;
  @When('When it is tried again, where it waits.') dueAt: Date;
  @When('When the last try began.', { nullable: true }) startedAt: Date | null;
  @When('When the last try ended.', { nullable: true }) finishedAt: Date | null;
  @When('First asked for.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

/** How far the memory of a repository's code is. */
export class CodeIndexDto extends OmitType(WholeCodeIndexDto, ['leaseOwner', 'leasedUntil'] as const) {}

/** Which process works on it is nobody's business outside. */
export function codeIndexDto({ leaseOwner: _owner, leasedUntil: _until, ...index }: CodeIndex): CodeIndexDto {
  return index;
}
