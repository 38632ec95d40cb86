import type { Account, ApiToken, AuditLogEntry, RepositoryGrant, Role } from '@teko/domain';
import { bool, date, id, int, json, line, longText, nullable, ref, word } from './columns';
import { table } from './schema';

const created = { createdAt: date };

/** Tables of access control and the audit log. */
export function accessTables(mysql: boolean) {
  const text = longText(mysql);
  const data = json(mysql);
  const hash = { type: 'varchar', length: 64 } as const;
  return {
    roles: table<Role>('roles', {
      columns: {
        id,
        name: word,
        description: text,
        permissions: data,
        builtIn: bool,
        createdAt: date,
        updatedAt: date,
      },
      unique: [['name']],
    }),
    repositoryGrants: table<RepositoryGrant>('repository_grants', {
      columns: { id, userId: ref, repositoryId: ref, role: word, ...created },
      unique: [['userId', 'repositoryId']],
      parents: { userId: 'users', repositoryId: 'repositories' },
    }),
    accounts: table<Account>('accounts', {
      columns: { id, userId: ref, provider: word, subject: line, login: line, email: line, ...created },
      unique: [['provider', 'subject']],
      parents: { userId: 'users' },
    }),
    apiTokens: table<ApiToken>('api_tokens', {
      columns: {
        id,
        userId: ref,
        name: line,
        prefix: word,
        tokenHash: hash,
        scopes: data,
        expiresAt: date,
        lastUsedAt: nullable(date),
        ...created,
      },
      unique: [['tokenHash']],
      parents: { userId: 'users' },
    }),
    auditLogEntries: table<AuditLogEntry>('audit_log_entries', {
      columns: {
        id: { type: 'int', primary: true },
        at: date,
        actorId: nullable(ref),
        actorName: line,
        apiTokenId: nullable(ref),
        address: nullable(word),
        action: line,
        subjectType: word,
        subjectId: nullable(ref),
        repositoryId: nullable(ref),
        before: nullable(data),
        after: nullable(data),
        previousHash: hash,
        hash,
      },
      index: [['subjectId'], ['at']],
    }),
    auditLogHead: table<{ id: number; lastId: number; lastHash: string }>('audit_log_head', {
      columns: { id: { type: 'int', primary: true }, lastId: int, lastHash: hash },
    }),
  };
}
