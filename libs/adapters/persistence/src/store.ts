import { UnavailableError } from '@teko/domain';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

const WAIT_TIMEOUT_MS = 30_000;
const MAX_DEADLOCK_ATTEMPTS = 10;

/**
 * Runs all queries and transactions of the repositories. TypeORM shares one connection among all callers of a SQLite data
 * source, so on SQLite they run one at a time; otherwise a rollback would also undo the writes of other callers.
 */
export class Store {
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    readonly dataSource: DataSource,
    /** Whether queries and transactions run one at a time. */
    readonly serial: boolean,
    private readonly waitMs = WAIT_TIMEOUT_MS,
  ) {}

  query<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.serial
      ? this.enqueue(() => work(this.dataSource.manager))
      : translateErrors(work(this.dataSource.manager));
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const open = () => this.dataSource.transaction(work);
    return this.serial ? this.enqueue(open) : translateErrors(this.withRetry(open));
  }

  /** Retries a transaction that the server rolled back because of a deadlock. */
  private async withRetry<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isDeadlock(error) || attempt === MAX_DEADLOCK_ATTEMPTS) throw error;
      }
    }
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    let expired = false;
    let started = false;
    let timer: NodeJS.Timeout | undefined;
    const turn = this.tail.then(() => {
      if (expired) return undefined as never;
      started = true;
      clearTimeout(timer);
      return work();
    });
    this.tail = turn.catch(() => undefined);
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        expired = !started;
        if (expired) reject(new UnavailableError('database', `the database was busy for ${this.waitMs / 1000} s`));
      }, this.waitMs);
      timer.unref();
    });
    return Promise.race([turn, timeout]).finally(() => clearTimeout(timer));
  }
}

function isDeadlock(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  return (error.driverError as { code?: string }).code === 'ER_LOCK_DEADLOCK';
}

/** Error codes of a lost connection, as opposed to a wrong statement. */
const CONNECTION_LOST =
  /^(PROTOCOL_CONNECTION_LOST|PROTOCOL_ENQUEUE_AFTER|ECONN|EPIPE|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ER_CONNECTION_KILLED|ER_QUERY_INTERRUPTED|ER_SERVER_SHUTDOWN|ER_NEW_ABORTING_CONNECTION|ER_CON_COUNT_ERROR|POOL_CLOSED)/;

async function translateErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code = '', message } = ((error as QueryFailedError).driverError ?? error) as Error & { code?: string };
    if (!CONNECTION_LOST.test(code) && !/closed state|connection is closed/i.test(message)) throw error;
    throw new UnavailableError('database', `the connection to the database was lost (${code || message})`);
  }
}
