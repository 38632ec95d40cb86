import type { AuditLogEntry } from '@teko/domain';
import type { AuditVerification } from '@teko/platform';
import { Data, Id, Nested, Num, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** A record of who did what. */
export class AuditLogEntryDto implements AuditLogEntry {
  @Num('Sequential number without gaps.', 12) id: number;
  @When('When the action happened.') at: Date;
  @Id('ID of the user; null for Teko itself and for anonymous requests.', { nullable: true }) actorId: string | null;
  @Text('Name of the user.', 'Ada') actorName: string;
  @Id('ID of the API token that was used.', { nullable: true }) apiTokenId: string | null;
  @Text('IP address of the client.', '203.0.113.7', { nullable: true }) address: string | null;
  @Text('Resource and verb of the action.', 'tasks.update') action: string;
  @Text('Type of the object that was changed.', 'Task') subjectType: string;
  @Id('ID of the object that was changed.', { nullable: true }) subjectId: string | null;
  @Id('ID of the repository that the object belongs to.', { nullable: true }) repositoryId: string | null;
  @Data('The object before the action.', { title: 'Count weeks' }, { nullable: true }) before: Record<
    string,
    unknown
  > | null;
  @Data('The object after the action.', { title: 'Count ISO weeks' }, { nullable: true }) after: Record<
    string,
    unknown
  > | null;
  @Text('Hash of the previous entry.', 'e3b0c442') previousHash: string;
  @Text('SHA-256 of the entry and the previous hash.', '9f86d081') hash: string;
}

export class BrokenEntryDto {
  @Num('Number of the entry.', 7) id: number;
  @Text('Why the entry is invalid.', 'was altered') reason: string;
}

export class AuditVerificationDto implements AuditVerification {
  @Num('Number of valid entries.', 12) entries: number;
  @Nested(() => BrokenEntryDto, 'The first invalid entry; null if all are valid.', { nullable: true, example: null })
  broken: BrokenEntryDto | null;
}

export class AuditLogEntryListQuery extends listQueryOf({
  sort: ['id', 'at'],
  order: 'DESC',
  search: 'Searches in action and name.',
  filters: { action: null, actorId: null, subjectType: null, subjectId: null, repositoryId: null, apiTokenId: null },
}) {}
