import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UnavailableError } from '@teko/domain';
import type { UnitOfWork } from '@teko/platform';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { tables } from './entities';
import { mysqlAddress } from './database-url';
import { entityOf } from './schema';
import { LibsqlDriver } from './libsql-driver';
import { migrations } from './migrations';
import {
  TypeormAccountRepository,
  TypeormApiTokenRepository,
  TypeormAuditLogEntryRepository,
  TypeormRepositoryGrantRepository,
  TypeormRoleRepository,
  TypeormSessionRepository,
  TypeormUserRepository,
} from './access.typeorm-repositories';
import { TypeormBudgetRepository } from './budget.typeorm-repository';
import { TypeormCodeIndexRepository } from './code-index.typeorm-repository';
import { TypeormInsightRepository } from './insight.typeorm-repository';
import {
  TypeormCheckRunRepository,
  TypeormCommentLinkRepository,
  TypeormWebhookEventRepository,
} from './integration.typeorm-repositories';
import {
  TypeormCheckpointRepository,
  TypeormEffectRepository,
  TypeormEventRepository,
  TypeormModelCallRepository,
} from './record.typeorm-repositories';
import { TypeormRunRepository } from './run.typeorm-repository';
import { Store } from './store';
import { TypeormStoredItemRepository } from './stored-item.typeorm-repository';
import {
  TypeormApprovalRepository,
  TypeormChangeRepository,
  TypeormCodebaseProfileRepository,
  TypeormCommentRepository,
  TypeormFindingRepository,
  TypeormRepositoryRepository,
  TypeormStepRepository,
  TypeormTaskRepository,
} from './work.typeorm-repositories';

export type Repositories = ReturnType<typeof repositoriesOn>;

export interface Database {
  dataSource: DataSource;
  /** Repositories by the name of their port. */
  repositories: Repositories;
  unitOfWork: UnitOfWork;
  /** Brings the schema up to date. */
  migrate(): Promise<void>;
  /** Throws if the database does not respond. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** `url` is DATABASE_URL; without it the database is the SQLite file in `home`. */
export interface DatabaseAddress {
  url: string | undefined;
  home: string;
}

/**
 * Opens `url` (mysql://, mariadb://, sqlite://), or the SQLite file in `home`. Throws UnavailableError, whose message
 * names the setting and never contains the password.
 */
export async function openDatabase({ url, home }: DatabaseAddress): Promise<Database> {
  if (url && !/^(mysql|mariadb|sqlite):\/\//.test(url))
    throw new UnavailableError('database', 'DATABASE_URL: must start with mysql://, mariadb:// or sqlite://');
  let dataSource: DataSource;
  try {
    dataSource = new DataSource(optionsFor(url, home));
    await dataSource.initialize();
  } catch (error) {
    throw unreachable(error as Error & { code?: string }, url, home);
  }
  const store = new Store(dataSource, dataSource.options.type === 'better-sqlite3');
  return {
    dataSource,
    repositories: repositoriesOn(store),
    unitOfWork: store,
    migrate: () => withMigrationLock(dataSource, () => migrate(dataSource)),
    ping: () => store.query((manager) => manager.query('SELECT 1')).then(() => undefined),
    close: async () => void (dataSource.isInitialized && (await dataSource.destroy())),
  };
}

/** MySQL commits each statement, so a migration that was interrupted before may not be able to run again. */
async function migrate(dataSource: DataSource): Promise<void> {
  try {
    await dataSource.runMigrations({ transaction: 'each' });
  } catch (error) {
    if (dataSource.options.type !== 'mariadb') throw error;
    throw new UnavailableError(
      'database',
      `DATABASE_URL: the schema cannot be upgraded (${(error as Error).message})`,
      'If an earlier start was interrupted, restore the backup of the database, or empty it if it was new, and start again',
    );
  }
}

/** Makes processes that migrate the same MySQL or MariaDB database wait for each other. */
export async function withMigrationLock(dataSource: DataSource, work: () => Promise<unknown>): Promise<void> {
  const lock = dataSource.options.type === 'mariadb' ? dataSource.createQueryRunner() : null;
  try {
    // The name contains the database, because locks are shared by all databases of the server.
    await lock?.query("SELECT GET_LOCK(CONCAT('teko:', LEFT(DATABASE(), 50)), 120)");
    await work();
  } finally {
    await lock?.query("SELECT RELEASE_LOCK(CONCAT('teko:', LEFT(DATABASE(), 50)))");
    await lock?.release();
  }
}

export function optionsFor(url: string | undefined, home: string): DataSourceOptions {
  const mysql = Boolean(url && /^(mysql|mariadb):/.test(url));
  const shared = {
    entities: Object.values(tables(mysql)).map(entityOf),
    migrations,
    synchronize: false,
  };
  if (mysql)
    return {
      ...shared,
      type: 'mariadb',
      ...mysqlAddress(url!),
      timezone: 'Z',
      charset: 'utf8mb4',
      connectTimeout: 10_000,
      poolSize: 10,
    };
  const database = url ? fileURLToPath(url.replace(/^sqlite:/, 'file:')) : join(home, 'teko.db');
  return {
    ...shared,
    type: 'better-sqlite3',
    database,
    driver: LibsqlDriver,
    enableWAL: true,
    prepareDatabase: (db: LibsqlDriver) => void db.pragma('busy_timeout = 10000'),
  };
}

function unreachable(error: Error & { code?: string }, url: string | undefined, home: string): UnavailableError {
  if (error instanceof UnavailableError) return error;
  if (!url)
    return new UnavailableError('database', `TEKO_HOME: cannot open the database in ${home} (${error.message})`);
  const address = URL.canParse(url) ? `${new URL(url).host}${new URL(url).pathname}` : 'the database';
  return new UnavailableError(
    'database',
    `DATABASE_URL: cannot connect to ${address} (${error.code ?? 'refused'})`,
    'Check the host, user and password, and that the database exists',
  );
}

function repositoriesOn(store: Store) {
  return {
    RepositoryRepository: new TypeormRepositoryRepository(store),
    CodebaseProfileRepository: new TypeormCodebaseProfileRepository(store),
    CodeIndexRepository: new TypeormCodeIndexRepository(store),
    InsightRepository: new TypeormInsightRepository(store),
    TaskRepository: new TypeormTaskRepository(store),
    CommentRepository: new TypeormCommentRepository(store),
    RunRepository: new TypeormRunRepository(store),
    StepRepository: new TypeormStepRepository(store),
    ApprovalRepository: new TypeormApprovalRepository(store),
    ChangeRepository: new TypeormChangeRepository(store),
    FindingRepository: new TypeormFindingRepository(store),
    ModelCallRepository: new TypeormModelCallRepository(store),
    BudgetRepository: new TypeormBudgetRepository(store),
    EffectRepository: new TypeormEffectRepository(store),
    CheckpointRepository: new TypeormCheckpointRepository(store),
    StoredItemRepository: new TypeormStoredItemRepository(store),
    UserRepository: new TypeormUserRepository(store),
    RoleRepository: new TypeormRoleRepository(store),
    RepositoryGrantRepository: new TypeormRepositoryGrantRepository(store),
    AccountRepository: new TypeormAccountRepository(store),
    SessionRepository: new TypeormSessionRepository(store),
    ApiTokenRepository: new TypeormApiTokenRepository(store),
    AuditLogEntryRepository: new TypeormAuditLogEntryRepository(store),
    WebhookEventRepository: new TypeormWebhookEventRepository(store),
    CommentLinkRepository: new TypeormCommentLinkRepository(store),
    CheckRunRepository: new TypeormCheckRunRepository(store),
    EventRepository: new TypeormEventRepository(store),
  };
}
