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

/** LangGraph's store on the product's own database. All that it keeps hangs on one task and goes with it. */
export class TaskStore extends BaseStore {
  constructor(
    private readonly repository: StoredItemRepository,
    private readonly taskId: string,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** One after the other: what one puts, the next ones see. */
  async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const results: unknown[] = [];
    for (const operation of operations) results.push(await this.one(operation));
    return results as OperationResults<Op>;
  }

  private one(operation: Operation): Promise<unknown> {
    if ('value' in operation) return this.write(operation);
    if ('key' in operation) return this.read(operation.namespace, operation.key);
    return this.look(operation);
  }

  private async write({ namespace, key, value }: PutOperation): Promise<void> {
    validateNamespace(namespace);
    if (value === null) return this.repository.delete(this.taskId, joined(namespace), key);
    const now = this.clock.now();
    const { taskId } = this;
    await this.repository.put({ taskId, namespace: joined(namespace), key, value, createdAt: now, updatedAt: now });
  }

  private async read(namespace: string[], key: string): Promise<Item | null> {
    const stored = await this.repository.find(this.taskId, joined(namespace), key);
    return stored && itemOf(stored);
  }

  /** A task keeps few items, so LangGraph's own store looks through them: by prefix, filter and page, as it does everywhere. */
  private async look(operation: SearchOperation | ListNamespacesOperation): Promise<unknown> {
    const items = (await this.repository.findByTask(this.taskId)).map(itemOf);
    const copy = new InMemoryStore();
    await copy.batch(items.map(({ namespace, key, value }) => ({ namespace, key, value })));
    const [found] = (await copy.batch([operation])) as (Item[] | string[][])[];
    const same = (a: Item, b: Item) => a.key === b.key && joined(a.namespace) === joined(b.namespace);
    return found!.map((one) => (Array.isArray(one) ? one : items.find((item) => same(item, one))));
  }
}

function itemOf({ namespace, key, value, createdAt, updatedAt }: StoredItem): Item {
  return { namespace: namespace.split('.'), key, value, createdAt, updatedAt };
}

/** Labels hold no dots: LangGraph refuses them. */
function joined(namespace: string[]): string {
  return namespace.join('.');
}
