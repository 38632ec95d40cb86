import { type EntityManager, type QueryRunner } from 'typeorm';

/** An open transaction, and how to give back its connection. */
export interface OpenTransaction {
  runner: QueryRunner;
  release(): Promise<void>;
}

/** A transaction over several calls of repositories. It starts with the first write; its operations run one at a time. */
export class Unit {
  private opened: Promise<OpenTransaction> | null = null;
  private tail: Promise<unknown> = Promise.resolve();
  private failure: unknown = null;
  private ended = false;

  constructor(
    private readonly open: () => Promise<OpenTransaction>,
    /** Whether the database has undone the transaction with this error. */
    private readonly isFatal: (error: unknown) => boolean,
  ) {}

  /** False after the end: what the unit left running has no transaction. */
  get isOpen(): boolean {
    return !this.ended;
  }

  get hasStarted(): boolean {
    return this.opened !== null;
  }

  execute<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    this.opened ??= this.open();
    const result = this.tail.then(async () => {
      // Without a transaction each further statement would be committed on its own.
      if (this.failure) throw this.failure;
      try {
        return await work((await this.opened!).runner.manager);
      } catch (error) {
        if (this.isFatal(error)) this.failure = error;
        throw error;
      }
    });
    this.tail = result.catch(() => undefined);
    return result;
  }

  async commit(): Promise<void> {
    await this.end(({ runner }) => {
      if (this.failure) throw this.failure;
      return runner.commitTransaction();
    });
  }

  async rollback(): Promise<void> {
    await this.end(({ runner }) => runner.rollbackTransaction()).catch(() => undefined);
  }

  private async end(how: (transaction: OpenTransaction) => Promise<void>): Promise<void> {
    await this.tail;
    if (this.ended) return;
    this.ended = true;
    if (!this.opened) return;
    const transaction = await this.opened;
    try {
      await how(transaction);
    } catch (error) {
      if (transaction.runner.isTransactionActive) await transaction.runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await transaction.release();
    }
  }
}
