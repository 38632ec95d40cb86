import { UnavailableError } from '@teko/domain';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

const WAIT_TIMEOUT_MS = 30_000;
const DEADLOCK_TRIES = 10;

/**
 * The only way to the database. TypeORM shares one connection among all callers of a SQLite data source, so there one
 * piece of work goes at a time, or a roll-back would take other callers' writes along.
 */
export class Store {
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    readonly dataSource: DataSource,
    /** One piece of work at a time. */
    readonly serial: boolean,
    private readonly waitMs = WAIT_TIMEOUT_MS,
  ) {}

  query<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.serial ? this.inTurn(() => work(this.dataSource.manager)) : named(work(this.dataSource.manager));
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const open = () => this.dataSource.transaction(work);
    return this.serial ? this.inTurn(open) : named(this.withRetry(open));
  }

  /** A server that finds a deadlock undoes one of the transactions and leaves it to the caller to try again. */
  private async withRetry<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isDeadlock(error) || attempt === DEADLOCK_TRIES) throw error;
      }
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
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
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        expired = !started;
        if (expired) reject(new UnavailableError('database', `the database was busy for ${this.waitMs / 1000} s`));
      }, this.waitMs);
      timer.unref();
    });
    return Promise.race([turn, patience]).finally(() => clearTimeout(timer));
  }
}

function isDeadlock(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  return (error.driverError as { code?: string }).code === 'ER_LOCK_DEADLOCK';
}

/** What a server's driver says when the connection is gone, rather than the statement wrong. */
const BROKEN_OFF =
  /^(PROTOCOL_CONNECTION_LOST|PROTOCOL_ENQUEUE_AFTER|ECONN|EPIPE|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ER_CONNECTION_KILLED|ER_QUERY_INTERRUPTED|ER_SERVER_SHUTDOWN|ER_NEW_ABORTING_CONNECTION|ER_CON_COUNT_ERROR|POOL_CLOSED)/;

async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code = '', message } = ((error as QueryFailedError).driverError ?? error) as Error & { code?: string };
    if (!BROKEN_OFF.test(code) && !/closed state|connection is closed/i.test(message)) throw error;
    throw new UnavailableError('database', `the database broke off (${code || message})`);
  }
}
