import { AsyncLocalStorage } from 'node:async_hooks';
import { UnavailableError } from '@teko/domain';
import { withDeferred, type UnitOfWork } from '@teko/platform';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';
import { Unit, type OpenTransaction } from './unit';

const WAIT_TIMEOUT_MS = 30_000;
const MAX_DEADLOCK_ATTEMPTS = 10;

/**
 * Runs all queries and transactions of the repositories. TypeORM shares one connection among all callers of a SQLite data
 * source, so on SQLite they run one at a time; otherwise a rollback would also undo the writes of other callers.
 */
export class Store implements UnitOfWork {
  private tail: Promise<unknown> = Promise.resolve();
  private readonly units = new AsyncLocalStorage<Unit>();

  constructor(
    readonly dataSource: DataSource,
    /** Whether queries and transactions run one at a time. */
    readonly serial: boolean,
    private readonly waitMs = WAIT_TIMEOUT_MS,
  ) {}

  /** Runs statements that may write. In a unit of work they belong to its transaction. */
  query<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.unit?.execute(work) ?? this.queryAlone(work);
  }

  /** Runs statements that only read. They do not start the transaction of a unit of work. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.unit?.hasStarted ? this.unit.execute(work) : this.queryAlone(work);
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    // A savepoint in the transaction of the unit.
    const inUnit = this.unit?.execute((manager) => manager.transaction(work));
    if (inUnit) return inUnit;
    const open = () => this.dataSource.transaction(work);
    return this.serial ? this.enqueue(open) : translateErrors(this.withRetry(open));
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.unit) return work();
    return translateErrors(this.withRetry(() => withDeferred(() => this.runUnit(work))));
  }

  private async runUnit<T>(work: () => Promise<T>): Promise<T> {
    const unit = new Unit(
      () => this.openTransaction(),
      (error) => isDeadlock(error) || isConnectionLost(error),
    );
    try {
      const result = await this.units.run(unit, work);
      await unit.commit();
      return result;
    } catch (error) {
      await unit.rollback();
      throw error;
    }
  }

  private get unit(): Unit | undefined {
    const unit = this.units.getStore();
    return unit?.isOpen ? unit : undefined;
  }

  private async openTransaction(): Promise<OpenTransaction> {
    const release = this.serial ? await this.takeTurn() : () => undefined;
    const runner = this.dataSource.createQueryRunner();
    const end = async () => {
      await runner.release();
      release();
    };
    try {
      // Each statement reads what others have committed, as it would outside of the unit.
      await (this.serial ? runner.startTransaction() : runner.startTransaction('READ COMMITTED'));
      return { runner, release: end };
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Waits until nobody uses the connection and keeps it until the returned function is called. */
  private takeTurn(): Promise<() => void> {
    return new Promise((taken, failed) => {
      this.enqueue(() => new Promise<void>((release) => taken(release))).catch(failed);
    });
  }

  private queryAlone<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.serial
      ? this.enqueue(() => work(this.dataSource.manager))
      : translateErrors(work(this.dataSource.manager));
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

function causeOf(error: unknown): { code: string; message: string } {
  const { code = '', message = '' } = ((error as QueryFailedError).driverError ?? error) as Error & { code?: string };
  return { code, message };
}

function isConnectionLost(error: unknown): boolean {
  const { code, message } = causeOf(error);
  return CONNECTION_LOST.test(code) || /closed state|connection is closed/i.test(message);
}

async function translateErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    const { code, message } = causeOf(error);
    throw new UnavailableError('database', `the connection to the database was lost (${code || message})`);
  }
}
