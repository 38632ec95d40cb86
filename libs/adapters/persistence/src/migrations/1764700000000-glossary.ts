import type { TableRename } from './renames';
import { SqlMigration } from './sql-migration';

/** Renames tables, columns and stored values to the terms of docs/glossary.md. */
export class Glossary1764700000000 extends SqlMigration {
  readonly name = 'Glossary1764700000000';

  override readonly renames: readonly TableRename[] = [
    {
      table: 'repositories',
      columns: { lookedAt: 'reconciledAt', lostEvents: 'missedEvents' },
      values: { forge: { localgit: 'local' } },
    },
    {
      table: 'comment_links',
      columns: { saidAt: 'syncedAt', heardAt: 'processedAt', triedAt: 'attemptedAt' },
      values: { origin: { outside: 'external' } },
    },
    { table: 'changes', columns: { pullNumber: 'pullRequestNumber' } },
    {
      table: 'runs',
      columns: { resumeNote: 'resumePoint' },
      texts: { origin: { '"standsOn":': '"basedOn":' }, triggerKey: { 'remarks:': 'review-comments:' } },
    },
    { table: 'model_calls', columns: { said: 'newMessages' } },
    {
      table: 'effects',
      columns: { answer: 'result' },
      values: { kind: { pull: 'pull_request' }, status: { intent: 'pending' } },
      texts: { key: { ':pull': ':pull_request' }, answer: { '{"pull":': '{"pullRequest":' } },
    },
    { table: 'insights', values: { source: { person: 'user' } } },
    { table: 'code_indexes', columns: { leasedUntil: 'leaseExpiresAt' } },
    { table: 'webhook_events', columns: { leasedUntil: 'leaseExpiresAt' } },
    { table: 'stored_items', values: { namespace: { threads: 'conversations' } } },
    { table: 'roles', columns: { seeded: 'builtIn' }, texts: { permissions: { ':AuditEntry"': ':AuditLogEntry"' } } },
    { table: 'api_tokens', texts: { scopes: { ':AuditEntry"': ':AuditLogEntry"' } } },
    { table: 'spendings', to: 'budget_reservations' },
    { table: 'check_results', to: 'check_runs' },
    { table: 'audit_entries', to: 'audit_log_entries' },
    { table: 'audit_head', to: 'audit_log_head' },
  ];

  protected readonly sqlite = { up: [], down: [] };
  protected readonly mysql = { up: [], down: [] };
}
