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

const MAX_CHECKPOINTS = 3;
/** Hashes per block. Full blocks are stored once, so that a checkpoint does not grow with the conversation. */
const BLOCK_SIZE = 50;

/** Replaces a list of messages in a stored checkpoint. */
interface MessageList {
  /** Hashes of the blocks that hold the hashes of the first messages. */
  blocks?: string[];
  messageHashes: string[];
}

/** Blobs to store, and the hashes of all blobs that a checkpoint references. */
interface References {
  blobs: StoredBlob[];
  hashes: string[];
}

/**
 * LangGraph checkpoints on Teko's database. Each message is stored once by hash, and checkpoints only reference it. (The
 * stock saver writes the whole conversation with each step, which grows quadratically.) Create a new instance for each
 * run, because another process may continue the same thread in between.
 */
export class CheckpointSaver extends BaseCheckpointSaver {
  private readonly hashes = new WeakMap<object, string>();
  private readonly stored = new Set<string>();
  /** Hashes that the last checkpoints of each thread reference, newest last. */
  private readonly references = new Map<string, Set<string>[]>();

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
    let yielded = 0;
    for (const row of rows) {
      const tuple = await this.tuple(row);
      const matches = Object.entries(options.filter ?? {}).every(
        ([key, value]) => (tuple.metadata as Record<string, unknown>)[key] === value,
      );
      if (matches) yield tuple;
      if (matches && ++yielded === options.limit) return;
    }
  }

  async put(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata): Promise<RunnableConfig> {
    const { threadId, namespace, checkpointId } = address(config);
    const blobs: StoredBlob[] = [];
    const hashes: string[] = [];
    const values = Object.fromEntries(
      Object.entries(checkpoint.channel_values).map(([name, value]) => [
        name,
        isMessages(value) ? this.reference(threadId, value, { blobs, hashes }) : value,
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
    await this.repository.put(row, blobs, MAX_CHECKPOINTS);
    for (const { hash } of blobs) this.stored.add(`${threadId} ${hash}`);
    await this.deleteUnreferenced(threadId, namespace, hashes);
    return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } };
  }

  async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
    const { threadId, namespace, checkpointId } = address(config);
    if (!checkpointId) throw new Error('putWrites needs configurable.checkpoint_id');
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

  /** Deletes the messages that no stored checkpoint of the thread references any more. */
  private async deleteUnreferenced(threadId: string, namespace: string, hashes: string[]): Promise<void> {
    const key = `${threadId} ${namespace}`;
    const all = [...(this.references.get(key) ?? []), new Set(hashes)];
    this.references.set(key, all.slice(-MAX_CHECKPOINTS));
    const dropped = all.slice(0, -MAX_CHECKPOINTS).flatMap((set) => [...set]);
    const inUse = [...this.references].flatMap(([place, sets]) => (place.startsWith(`${threadId} `) ? sets : []));
    const unreferenced = dropped.filter((hash) => !inUse.some((set) => set.has(hash)));
    if (unreferenced.length === 0) return;
    await this.repository.deleteBlobs(threadId, unreferenced);
    for (const hash of unreferenced) this.stored.delete(`${threadId} ${hash}`);
  }

  private async tuple(row: StoredCheckpoint): Promise<CheckpointTuple> {
    const checkpoint = (await this.load(row.checkpoint)) as Checkpoint;
    for (const [name, value] of Object.entries(checkpoint.channel_values)) {
      if (isMessageList(value)) checkpoint.channel_values[name] = await this.resolve(row.threadId, value);
    }
    if (checkpoint.v < 4 && row.parentId) await this.loadParentSends(row, row.parentId, checkpoint);
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

  /** Before format 4, LangGraph stored the sends to tasks with the parent checkpoint. */
  private async loadParentSends(
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

  private reference(threadId: string, messages: ChatMessage[], references: References): MessageList {
    const list = messages.map((message) => {
      const known = this.hashes.get(message);
      if (known && this.stored.has(`${threadId} ${known}`)) return known;
      const hash = this.addBlob(threadId, JSON.stringify(message), references);
      this.hashes.set(message, hash);
      return hash;
    });
    const full = Math.floor(list.length / BLOCK_SIZE);
    const blocks = Array.from({ length: full }, (_, n) =>
      this.addBlob(threadId, JSON.stringify(list.slice(n * BLOCK_SIZE, (n + 1) * BLOCK_SIZE)), references),
    );
    references.hashes.push(...list, ...blocks);
    return { blocks, messageHashes: list.slice(full * BLOCK_SIZE) };
  }

  private addBlob(threadId: string, value: string, { blobs }: References): string {
    const hash = createHash('sha256').update(value).digest('hex');
    if (!this.stored.has(`${threadId} ${hash}`)) blobs.push({ threadId, hash, value });
    return hash;
  }

  private async resolve(threadId: string, { blocks = [], messageHashes }: MessageList): Promise<ChatMessage[]> {
    const hashes = [...((await this.values(threadId, blocks)) as string[][]).flat(), ...messageHashes];
    return (await this.values(threadId, hashes)) as ChatMessage[];
  }

  private async values(threadId: string, hashes: string[]): Promise<unknown[]> {
    const stored = await this.repository.blobs(threadId, [...new Set(hashes)]);
    const byHash = new Map(stored.map(({ hash, value }) => [hash, value]));
    return hashes.map((hash) => JSON.parse(byHash.get(hash) ?? 'null') as unknown);
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
