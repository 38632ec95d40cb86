import type { AuditLogEntry } from '@teko/domain';
import type { AuditVerification } from '@teko/platform';
import { Data, Id, Nested, Num, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** Who did what. */
export class AuditLogEntryDto implements AuditLogEntry {
  @Num('Number, without a gap.', 12) id: number;
  @When('When.') at: Date;
  @Id('User; null for Teko itself and for nobody.', { nullable: true }) actorId: string | null;
  @Text('Name of who did it.', 'Ada') actorName: string;
  @Id('API token that was used.', { nullable: true }) apiTokenId: string | null;
  @Text('Network address.', '203.0.113.7', { nullable: true }) address: string | null;
  @Text('What was done.', 'tasks.create') action: string;
  @Text('To what kind of row.', 'Task') subjectType: string;
  @Id('To which row.', { nullable: true }) subjectId: string | null;
  @Id('Repository that the row belongs to.', { nullable: true }) repositoryId: string | null;
  @Data('The row before.', { title: 'Count weeks' }, { nullable: true }) before: Record<string, unknown> | null;
  @Data('The row after.', { title: 'Count ISO weeks' }, { nullable: true }) after: Record<string, unknown> | null;
  @Text('Hash of the entry before.', 'e3b0c442') previousHash: string;
  @Text('SHA-256 over the entry and the hash of the one before.', '9f86d081') hash: string;
}

export class BrokenEntryDto {
  @Num('Its number.', 7) id: number;
  @Text('What is wrong with it.', 'was altered') reason: string;
}

export class AuditVerificationDto implements AuditVerification {
  @Num('Entries that are right.', 12) entries: number;
  @Nested(() => BrokenEntryDto, 'The first entry that is not as it was written; null when all are.', { nullable: true })
  broken: BrokenEntryDto | null;
}

export class AuditLogEntryListQuery extends listQueryOf({
  sort: ['id', 'at'],
  order: 'DESC',
  search: 'Text in action or name.',
  filters: { action: null, actorId: null, subjectType: null, subjectId: null, repositoryId: null, apiTokenId: null },
}) {}
