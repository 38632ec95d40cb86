import {
  BaseStore,
  InMemoryStore,
  validateNamespace,
  type Item,
  type ListNamespacesOperation,
  type Operation,
  type OperationResults,
  type PutOperation,
  type SearchOperation,
} from '@langchain/langgraph-checkpoint';
import type { Clock, StoredItem, StoredItemRepository } from '@teko/domain';

/** LangGraph store on Teko's database. Its items belong to one task and are deleted with it. */
export class TaskStore extends BaseStore {
  constructor(
    private readonly repository: StoredItemRepository,
    private readonly taskId: string,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Runs the operations in order; each sees the writes of those before it. */
  async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const results: unknown[] = [];
    for (const operation of operations) results.push(await this.run(operation));
    return results as OperationResults<Op>;
  }

  private run(operation: Operation): Promise<unknown> {
    if ('value' in operation) return this.write(operation);
    if ('key' in operation) return this.read(operation.namespace, operation.key);
    return this.query(operation);
  }

  private async write({ namespace, key, value }: PutOperation): Promise<void> {
    validateNamespace(namespace);
    if (value === null) return this.repository.delete(this.taskId, joinLabels(namespace), key);
    const now = this.clock.now();
    const { taskId } = this;
    await this.repository.put({ taskId, namespace: joinLabels(namespace), key, value, createdAt: now, updatedAt: now });
  }

  private async read(namespace: string[], key: string): Promise<Item | null> {
    const stored = await this.repository.find(this.taskId, joinLabels(namespace), key);
    return stored && itemOf(stored);
  }

  /** Queries a copy in LangGraph's in-memory store, which is cheap because a task has few items. */
  private async query(operation: SearchOperation | ListNamespacesOperation): Promise<unknown> {
    const items = (await this.repository.findByTask(this.taskId)).map(itemOf);
    const copy = new InMemoryStore();
    await copy.batch(items.map(({ namespace, key, value }) => ({ namespace, key, value })));
    const [matches] = (await copy.batch([operation])) as (Item[] | string[][])[];
    const isSame = (a: Item, b: Item) => a.key === b.key && joinLabels(a.namespace) === joinLabels(b.namespace);
    return matches!.map((match) => (Array.isArray(match) ? match : items.find((item) => isSame(item, match))));
  }
}

function itemOf({ namespace, key, value, createdAt, updatedAt }: StoredItem): Item {
  return { namespace: namespace.split('.'), key, value, createdAt, updatedAt };
}

/** LangGraph allows no dots in labels. */
function joinLabels(namespace: string[]): string {
  return namespace.join('.');
}
