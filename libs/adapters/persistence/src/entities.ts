import type {
  Change,
  CodebaseProfile,
  Comment,
  Effect,
  Finding,
  ModelCall,
  Repository,
  Run,
  Session,
  SignInLink,
  Step,
  StoredBlob,
  StoredCheckpoint,
  StoredEvent,
  StoredWrite,
  Task,
  User,
} from '@teko/domain';
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { big, bool, date, id, int, json, line, longText, nullable, ref, word } from './columns';

interface Table<T> {
  columns: { [K in keyof T]-?: EntitySchemaColumnOptions };
  /** Unique keys, as lists of columns. */
  unique?: (keyof T & string)[][];
  index?: (keyof T & string)[][];
  /** Column to parent table; the row goes when its parent goes. */
  parents?: Partial<Record<keyof T & string, string>>;
}

export interface TableShape {
  name: string;
  columns: Record<string, EntitySchemaColumnOptions>;
  unique: string[][];
  index: string[][];
  parents: Record<string, string>;
}

function table<T extends object>(name: string, shape: Table<T>): TableShape {
  return {
    name,
    columns: shape.columns as Record<string, EntitySchemaColumnOptions>,
    unique: shape.unique ?? [],
    index: shape.index ?? [],
    parents: (shape.parents ?? {}) as Record<string, string>,
  };
}

const created = { createdAt: date };
const stamps = { createdAt: date, updatedAt: date };

/** Every table, in an order in which parents come first. The only description of the schema: entities and migration are made from it. */
export function tables(mysql: boolean) {
  const text = longText(mysql);
  const data = json(mysql);
  return {
    users: table<User>('users', {
      columns: { id, name: line, email: nullable(line), roles: data, disabled: bool, ...stamps },
      unique: [['email']],
    }),
    sessions: table<Session>('sessions', {
      columns: {
        id,
        userId: ref,
        tokenHash: { type: 'varchar', length: 64 },
        csrfToken: { type: 'varchar', length: 64 },
        userAgent: nullable(text),
        expiresAt: date,
        lastUsedAt: date,
        ...created,
      },
      unique: [['tokenHash']],
      parents: { userId: 'users' },
    }),
    signInLinks: table<SignInLink>('sign_in_links', {
      columns: {
        id,
        userId: ref,
        tokenHash: { type: 'varchar', length: 64 },
        expiresAt: date,
        usedAt: nullable(date),
        ...created,
      },
      unique: [['tokenHash']],
      parents: { userId: 'users' },
    }),
    repositories: table<Repository>('repositories', {
      columns: {
        id,
        name: line,
        url: { type: 'varchar', length: 500 },
        forge: word,
        defaultBranch: nullable(line),
        status: word,
        statusReason: nullable(text),
        headCommit: nullable(ref40),
        setupCommand: nullable(text),
        testCommand: nullable(text),
        lintCommand: nullable(text),
        demo: bool,
        fetchedAt: nullable(date),
        ...stamps,
      },
      unique: [['url']],
    }),
    codebaseProfiles: table<CodebaseProfile>('codebase_profiles', {
      columns: {
        id,
        repositoryId: ref,
        commit: ref40,
        languages: data,
        frameworks: data,
        packageManagers: data,
        toolchains: data,
        commands: data,
        totalFiles: int,
        totalBytes: big,
        excluded: data,
        ...created,
      },
      unique: [['repositoryId', 'commit']],
      parents: { repositoryId: 'repositories' },
    }),
    tasks: table<Task>('tasks', {
      columns: {
        id,
        number: int,
        repositoryId: ref,
        kind: word,
        title: line,
        description: text,
        priority: word,
        status: word,
        statusReason: nullable(text),
        source: word,
        sourceKey: line,
        sourceUrl: nullable(text),
        baseBranch: nullable(line),
        changeId: nullable(ref),
        allowTestChanges: bool,
        demo: bool,
        createdById: nullable(ref),
        ...stamps,
      },
      unique: [['number'], ['sourceKey']],
      index: [['status', 'createdAt'], ['repositoryId']],
      parents: { repositoryId: 'repositories' },
    }),
    runs: table<Run>('runs', {
      columns: {
        id,
        number: int,
        taskId: ref,
        repositoryId: ref,
        agentType: word,
        language: nullable(word),
        model: nullable(line),
        status: word,
        outcome: nullable(word),
        outcomeDetail: nullable(text),
        reason: text,
        priority: int,
        attempt: int,
        baseBranch: nullable(line),
        baseCommit: nullable(ref40),
        headCommit: nullable(ref40),
        branch: nullable(line),
        phase: nullable(word),
        repairRound: int,
        turns: int,
        inputTokens: int,
        outputTokens: int,
        costMicros: nullable(big),
        gate: nullable(data),
        summary: nullable(text),
        sandbox: nullable(word),
        cancelRequestedAt: nullable(date),
        leaseOwner: nullable(line),
        leaseToken: int,
        leaseExpiresAt: nullable(date),
        demo: bool,
        queuedAt: date,
        startedAt: nullable(date),
        finishedAt: nullable(date),
        ...stamps,
      },
      unique: [['number']],
      index: [['status', 'priority', 'queuedAt'], ['taskId']],
      parents: { taskId: 'tasks' },
    }),
    comments: table<Comment>('comments', {
      columns: {
        id,
        taskId: ref,
        runId: nullable(ref),
        author: line,
        authorKind: word,
        body: text,
        idempotencyKey: nullable(line),
        ...stamps,
      },
      unique: [['idempotencyKey']],
      index: [['taskId']],
      parents: { taskId: 'tasks' },
    }),
    steps: table<Step>('steps', {
      columns: {
        id,
        runId: ref,
        seq: int,
        key: line,
        kind: word,
        status: word,
        title: text,
        input: nullable(data),
        output: nullable(text),
        data: nullable(data),
        startedAt: date,
        finishedAt: nullable(date),
      },
      unique: [
        ['runId', 'key'],
        ['runId', 'seq'],
      ],
      parents: { runId: 'runs' },
    }),
    changes: table<Change>('changes', {
      columns: {
        id,
        number: int,
        repositoryId: ref,
        taskId: ref,
        runId: ref,
        title: text,
        body: text,
        branch: line,
        baseBranch: line,
        baseCommit: ref40,
        headCommit: ref40,
        status: word,
        filesChanged: int,
        additions: int,
        deletions: int,
        demo: bool,
        ...stamps,
      },
      unique: [['number'], ['runId']],
      parents: { runId: 'runs' },
    }),
    findings: table<Finding>('findings', {
      columns: {
        id,
        runId: ref,
        taskId: ref,
        changeId: nullable(ref),
        repositoryId: ref,
        path: text,
        startLine: int,
        endLine: int,
        severity: word,
        title: text,
        body: text,
        status: word,
        ...created,
      },
      index: [['runId'], ['changeId']],
      parents: { runId: 'runs' },
    }),
    modelCalls: table<ModelCall>('model_calls', {
      columns: {
        id,
        runId: ref,
        key: line,
        model: line,
        status: word,
        requestHash: { type: 'varchar', length: 64 },
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
        answer: nullable(data),
        error: nullable(text),
        ...stamps,
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

const ref40 = { type: 'varchar', length: 64 } satisfies EntitySchemaColumnOptions;

/** Names of keys are ours, so that entities and migration agree on both dialects. */
export const keyName = (kind: 'uq' | 'ix' | 'fk', tableName: string, columns: string[]) =>
  `${kind}_${tableName}_${columns.join('_')}`;

/** TypeORM's view of a table. Rows are the domain's own shapes, so there is nothing to map. */
export function entityOf(shape: TableShape): EntitySchema {
  return new EntitySchema({
    name: shape.name,
    tableName: shape.name,
    columns: shape.columns,
    uniques: shape.unique.map((columns) => ({ name: keyName('uq', shape.name, columns), columns })),
    indices: shape.index.map((columns) => ({ name: keyName('ix', shape.name, columns), columns })),
    foreignKeys: Object.entries(shape.parents).map(([column, parent]) => ({
      name: keyName('fk', shape.name, [column]),
      target: parent,
      columnNames: [column],
      referencedColumnNames: ['id'],
      onDelete: 'CASCADE' as const,
      onUpdate: 'NO ACTION' as const,
    })),
  });
}
