import type { Effect, ModelCall, StoredBlob, StoredCheckpoint, StoredEvent, StoredWrite } from '@teko/domain';
import { big, date, id, int, json, line, longText, nullable, ref, word } from './columns';
import { table } from './schema';

const created = { createdAt: date };

/** Tables of what runs record: model calls, effects, checkpoints and the event log. */
export function recordTables(mysql: boolean) {
  const text = longText(mysql);
  const data = json(mysql);
  return {
    modelCalls: table<ModelCall>('model_calls', {
      columns: {
        id,
        runId: ref,
        key: line,
        model: line,
        status: word,
        requestHash: { type: 'varchar', length: 64 },
        newMessages: nullable(data),
        reply: nullable(data),
        error: nullable(text),
        inputTokens: int,
        outputTokens: int,
        cacheReadTokens: int,
        cacheWriteTokens: int,
        costMicros: nullable(big),
        durationMs: nullable(int),
        createdAt: date,
        finishedAt: nullable(date),
      },
      unique: [['runId', 'key']],
      parents: { runId: 'runs' },
    }),
    effects: table<Effect>('effects', {
      columns: {
        id,
        key: line,
        runId: ref,
        kind: word,
        status: word,
        request: data,
        result: nullable(data),
        error: nullable(text),
        createdAt: date,
        updatedAt: date,
      },
      unique: [['key']],
      index: [['runId']],
      parents: { runId: 'runs' },
    }),
    checkpoints: table<StoredCheckpoint>('checkpoints', {
      columns: {
        threadId: { ...word, primary: true },
        namespace: { ...line, primary: true },
        checkpointId: { ...word, primary: true },
        parentId: nullable(word),
        checkpoint: text,
        metadata: text,
      },
    }),
    checkpointBlobs: table<StoredBlob>('checkpoint_blobs', {
      columns: {
        threadId: { ...word, primary: true },
        hash: { type: 'varchar', length: 64, primary: true },
        value: text,
      },
    }),
    checkpointWrites: table<StoredWrite>('checkpoint_writes', {
      columns: {
        threadId: { ...word, primary: true },
        namespace: { ...line, primary: true },
        checkpointId: { ...word, primary: true },
        taskId: { ...word, primary: true },
        idx: { ...int, primary: true },
        channel: line,
        value: text,
      },
    }),
    events: table<StoredEvent>('events', {
      columns: {
        id: { type: 'int', primary: true, generated: 'increment' },
        type: word,
        subjectId: ref,
        repositoryId: nullable(ref),
        taskId: nullable(ref),
        runId: nullable(ref),
        ...created,
      },
      index: [['runId', 'id'], ['createdAt']],
    }),
  };
}
