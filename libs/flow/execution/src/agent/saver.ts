import { createHash } from 'node:crypto';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type PendingWrite,
  maxChannelVersion,
  TASKS,
  WRITES_IDX_MAP,
} from '@langchain/langgraph-checkpoint';
import type { ChatMessage, CheckpointRepository, StoredBlob, StoredCheckpoint } from '@teko/domain';

const KEPT = 3;

/** Stands in a stored checkpoint for a list of messages. */
interface MessageList {
  messageHashes: string[];
}

/**
 * Checkpoints on the product's own database. A message is stored once, by hash, and a checkpoint only refers to it: the
 * stock saver writes the whole conversation with each step, which grows with the square of the steps.
 */
export class CheckpointSaver extends BaseCheckpointSaver {
  private readonly hashes = new WeakMap<object, string>();
  private readonly stored = new Set<string>();

  constructor(private readonly repository: CheckpointRepository) {
    super();
  }

  async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    if (config.configurable?.thread_id === undefined) return undefined;
    const { threadId, namespace, checkpointId } = address(config);
    const stored = await this.repository.get(threadId, namespace, checkpointId);
    return stored ? this.tuple(stored) : undefined;
  }

  async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const { thread_id, checkpoint_ns } = config.configurable ?? {};
    const before = options.before?.configurable?.checkpoint_id as string | undefined;
    const rows = await this.repository.list(
      thread_id as string | undefined,
      checkpoint_ns as string | undefined,
      options.filter ? undefined : options.limit,
      before,
    );
    let given = 0;
    for (const row of rows) {
      const tuple = await this.tuple(row);
      const matches = Object.entries(options.filter ?? {}).every(
        ([key, value]) => (tuple.metadata as Record<string, unknown>)[key] === value,
      );
      if (matches) yield tuple;
      if (matches && ++given === options.limit) return;
    }
  }

  async put(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata): Promise<RunnableConfig> {
    const { threadId, namespace, checkpointId } = address(config);
    const blobs: StoredBlob[] = [];
    const values = Object.fromEntries(
      Object.entries(checkpoint.channel_values).map(([name, value]) => [
        name,
        isMessages(value) ? this.refer(threadId, value, blobs) : value,
      ]),
    );
    const row: StoredCheckpoint = {
      threadId,
      namespace,
      checkpointId: checkpoint.id,
      parentId: checkpointId ?? null,
      checkpoint: await this.dump({ ...checkpoint, channel_values: values }),
      metadata: await this.dump(metadata),
    };
    await this.repository.put(row, blobs, KEPT);
    for (const { hash } of blobs) this.stored.add(`${threadId} ${hash}`);
    return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } };
  }

  async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    const { threadId, namespace, checkpointId } = address(config);
    if (!checkpointId) throw new Error('writes need configurable.checkpoint_id');
    const rows = writes.map(async ([channel, value], i) => ({
      threadId,
      namespace,
      checkpointId,
      taskId,
      idx: WRITES_IDX_MAP[channel] ?? i,
      channel,
      value: await this.dump(value),
    }));
    await this.repository.putWrites(await Promise.all(rows));
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.repository.deleteThread(threadId);
  }

  private async tuple(row: StoredCheckpoint): Promise<CheckpointTuple> {
    const checkpoint = (await this.load(row.checkpoint)) as Checkpoint;
    for (const [name, value] of Object.entries(checkpoint.channel_values)) {
      if (isMessageList(value)) checkpoint.channel_values[name] = await this.resolve(row.threadId, value.messageHashes);
    }
    if (checkpoint.v < 4 && row.parentId) await this.takeSendsOf(row, row.parentId, checkpoint);
    const writes = await this.repository.writes(row.threadId, row.namespace, row.checkpointId);
    const configurable = { thread_id: row.threadId, checkpoint_ns: row.namespace };
    return {
      config: { configurable: { ...configurable, checkpoint_id: row.checkpointId } },
      checkpoint,
      metadata: (await this.load(row.metadata)) as CheckpointMetadata,
      parentConfig: row.parentId ? { configurable: { ...configurable, checkpoint_id: row.parentId } } : undefined,
      pendingWrites: await Promise.all(
        writes.map(async ({ taskId, channel, value }): Promise<[string, string, unknown]> => [
          taskId,
          channel,
          await this.load(value),
        ]),
      ),
    };
  }

  /** Checkpoints of LangGraph before its fourth format keep what was sent to tasks with their parent. */
  private async takeSendsOf(
    { threadId, namespace }: StoredCheckpoint,
    parentId: string,
    checkpoint: Checkpoint,
  ): Promise<void> {
    const writes = await this.repository.writes(threadId, namespace, parentId);
    const sends = writes.filter(({ channel }) => channel === TASKS).map(({ value }) => this.load(value));
    checkpoint.channel_values[TASKS] = await Promise.all(sends);
    const versions = Object.values(checkpoint.channel_versions);
    checkpoint.channel_versions[TASKS] =
      versions.length > 0 ? maxChannelVersion(...versions) : this.getNextVersion(undefined);
  }

  private refer(threadId: string, messages: ChatMessage[], fresh: StoredBlob[]): MessageList {
    const messageHashes = messages.map((message) => {
      const known = this.hashes.get(message);
      if (known && this.stored.has(`${threadId} ${known}`)) return known;
      const value = JSON.stringify(message);
      const hash = createHash('sha256').update(value).digest('hex');
      this.hashes.set(message, hash);
      if (!this.stored.has(`${threadId} ${hash}`)) fresh.push({ threadId, hash, value });
      return hash;
    });
    return { messageHashes };
  }

  private async resolve(threadId: string, hashes: string[]): Promise<ChatMessage[]> {
    const blobs = await this.repository.blobs(threadId, [...new Set(hashes)]);
    const byHash = new Map(blobs.map(({ hash, value }) => [hash, value]));
    return hashes.map((hash) => JSON.parse(byHash.get(hash) ?? 'null') as ChatMessage);
  }

  private async dump(value: unknown): Promise<string> {
    const [type, bytes] = await this.serde.dumpsTyped(value);
    return `${type}:${type === 'json' ? Buffer.from(bytes).toString('utf8') : Buffer.from(bytes).toString('base64')}`;
  }

  private async load(text: string): Promise<unknown> {
    const colon = text.indexOf(':');
    const type = text.slice(0, colon);
    const body = text.slice(colon + 1);
    return (await this.serde.loadsTyped(type, type === 'json' ? body : Buffer.from(body, 'base64'))) as unknown;
  }
}

function address(config: RunnableConfig) {
  const { thread_id, checkpoint_ns, checkpoint_id } = config.configurable ?? {};
  if (typeof thread_id !== 'string') throw new Error('a checkpoint needs configurable.thread_id');
  return {
    threadId: thread_id,
    namespace: (checkpoint_ns as string | undefined) ?? '',
    checkpointId: checkpoint_id as string | undefined,
  };
}

function isMessages(value: unknown): value is ChatMessage[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item: unknown) => typeof item === 'object' && item !== null && 'role' in item)
  );
}

function isMessageList(value: unknown): value is MessageList {
  return typeof value === 'object' && value !== null && Array.isArray((value as MessageList).messageHashes);
}
