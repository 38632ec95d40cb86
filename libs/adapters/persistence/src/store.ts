import { UnavailableError } from '@teko/domain';
import type { DataSource, EntityManager } from 'typeorm';

const WAIT_MS = 30_000;

/**
 * The only way to the database. TypeORM shares one connection among all callers of a SQLite data source, so there one
 * piece of work goes at a time, or a roll-back would take other callers' writes along.
 */
export class Store {
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    readonly dataSource: DataSource,
    private readonly serial: boolean,
  ) {}

  query<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.serial ? this.inTurn(() => work(this.dataSource.manager)) : work(this.dataSource.manager);
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const open = () => this.dataSource.transaction(work);
    return this.serial ? this.inTurn(open) : open();
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
        if (expired) reject(new UnavailableError('database', `the database was busy for ${WAIT_MS / 1000} s`));
      }, WAIT_MS);
      timer.unref();
    });
    return Promise.race([turn, patience]).finally(() => clearTimeout(timer));
  }
}
