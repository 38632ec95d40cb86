import type { CodeIndex, Insight, StoredItem } from '@teko/domain';
import { bool, commit, date, id, int, json, line, longText, nullable, ref, word } from './columns';
import { table } from './schema';

/** Tables of the memory: the state of each repository's code index, insights, and what agents store for a task. */
export function memoryTables(mysql: boolean) {
  const text = longText(mysql);
  const data = json(mysql);
  return {
    codeIndexes: table<CodeIndex>('code_indexes', {
      columns: {
        id,
        repositoryId: ref,
        status: word,
        statusReason: nullable(text),
        commit: nullable(commit),
        indexedAt: nullable(date),
        coverage: nullable(data),
        notice: nullable(text),
        phase: nullable(word),
        doneFiles: int,
        totalFiles: int,
        cancelRequestedAt: nullable(date),
        leaseOwner: nullable(line),
        leaseExpiresAt: nullable(date),
        attempts: int,
        dueAt: date,
        startedAt: nullable(date),
        finishedAt: nullable(date),
        createdAt: date,
        updatedAt: date,
      },
      unique: [['repositoryId']],
      index: [['status', 'dueAt']],
      parents: { repositoryId: 'repositories' },
    }),
    insights: table<Insight>('insights', {
      columns: {
        id,
        repositoryId: ref,
        kind: word,
        text,
        path: nullable(text),
        blob: nullable(commit),
        fingerprint: commit,
        source: word,
        sourceId: ref,
        author: line,
        pinned: bool,
        staleAt: nullable(date),
        createdAt: date,
        updatedAt: date,
      },
      unique: [['repositoryId', 'fingerprint']],
      index: [
        ['repositoryId', 'updatedAt'],
        ['repositoryId', 'source', 'sourceId'],
      ],
      parents: { repositoryId: 'repositories' },
    }),
    storedItems: table<StoredItem>('stored_items', {
      columns: {
        taskId: { ...ref, primary: true },
        namespace: { ...line, primary: true },
        key: { ...line, primary: true },
        value: data,
        createdAt: date,
        updatedAt: date,
      },
      index: [['namespace', 'updatedAt']],
      parents: { taskId: 'tasks' },
    }),
  };
}
