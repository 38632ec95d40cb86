import { randomUUID } from 'node:crypto';
import {
  newCodeIndex,
  type Approval,
  type Change,
  type CodebaseProfile,
  type CodeIndex,
  type Comment,
  type Effect,
  type Finding,
  type GateReport,
  type Insight,
  type ModelCall,
  type Repository,
  type Run,
  type Step,
  type StoredCheckpoint,
  type Task,
} from '@teko/domain';

/** Creation time of all objects made by the builders. */
export const BUILT_AT = new Date('2026-01-02T03:04:05.678Z');

export const stamps = { createdAt: BUILT_AT, updatedAt: BUILT_AT };
const commit = 'a'.repeat(40);

/** An analysed repository. */
export function aRepository(overrides: Partial<Repository> = {}): Repository {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    name: 'shop',
    url: `/srv/git/${id}`,
    forge: 'local',
    forgeId: null,
    forgeName: null,
    archived: false,
    intakeLabel: 'teko',
    reconciledAt: null,
    missedEvents: 0,
    defaultBranch: 'main',
    status: 'ready',
    statusReason: null,
    headCommit: commit,
    setupCommand: null,
    testCommand: null,
    lintCommand: null,
    buildCommand: null,
    approvalRule: 'risky',
    preapprovedPaths: null,
    unprovenRule: 'keep_branch',
    approvers: 'anyone',
    planRule: 'never',
    weight: 1,
    demo: false,
    fetchedAt: null,
    ...stamps,
    ...overrides,
  };
}

/** The profile of a small PHP repository. */
export function aCodebaseProfile(overrides: Partial<CodebaseProfile> = {}): CodebaseProfile {
  const commands = { setup: 'composer install', test: 'vendor/bin/phpunit', lint: null, build: null };
  return {
    id: randomUUID(),
    repositoryId: randomUUID(),
    commit,
    languages: [{ name: 'PHP', bytes: 1000, files: 10, share: 100 }],
    frameworks: ['laravel'],
    packageManagers: ['composer'],
    toolchains: [{ language: 'php', root: '', packageManager: 'composer', testRunner: 'phpunit', commands }],
    commands,
    totalFiles: 10,
    totalBytes: 1000,
    excluded: { vendored: 2 },
    modules: [{ path: 'src', files: 10, bytes: 1000, language: 'PHP', commits: 4 }],
    hotSpots: [{ path: 'src/Price.php', bytes: 500, commits: 4, authors: 2, lastChangedAt: BUILT_AT.toISOString() }],
    createdAt: BUILT_AT,
    ...overrides,
  };
}

/** The report of a gate that accepted a change. */
export function aGateReport(overrides: Partial<GateReport> = {}): GateReport {
  return {
    verdict: 'green',
    reason: 'Before and after the change all 2 tests pass.',
    newFailures: [],
    oldFailures: [],
    fixed: [],
    missing: [],
    skipped: [],
    witnesses: [],
    alteredTests: [],
    runnerFiles: [],
    canaries: [],
    executions: [],
    ...overrides,
  };
}

/** A requested index. */
export function aCodeIndex(overrides: Partial<CodeIndex> = {}): CodeIndex {
  return { ...newCodeIndex(randomUUID(), randomUUID(), BUILT_AT), ...overrides };
}

/** An insight of a run about a whole repository. */
export function anInsight(overrides: Partial<Insight> = {}): Insight {
  return {
    id: randomUUID(),
    repositoryId: randomUUID(),
    kind: 'build',
    text: 'The tests need TZ=UTC.',
    path: null,
    blob: null,
    fingerprint: hash(),
    source: 'agent',
    sourceId: randomUUID(),
    author: 'Run 12',
    pinned: false,
    staleAt: null,
    ...stamps,
    ...overrides,
  };
}

/** A new task from the form. */
export function aTask(overrides: Partial<Task> = {}): Task {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    number: 1,
    repositoryId: randomUUID(),
    kind: 'implement',
    title: 'Round prices to cents',
    description: '',
    priority: 'normal',
    status: 'new',
    statusReason: null,
    source: 'form',
    sourceKey: `form:${id}`,
    sourceUrl: null,
    issueNumber: null,
    requestedBy: null,
    triggerKey: null,
    planFirst: false,
    baseBranch: null,
    changeId: null,
    allowTestChanges: false,
    isBug: false,
    blockedBy: null,
    demo: false,
    createdById: null,
    ...stamps,
    ...overrides,
  };
}

/** A comment of a user. */
export function aComment(overrides: Partial<Comment> = {}): Comment {
  return {
    id: randomUUID(),
    taskId: randomUUID(),
    runId: null,
    author: 'Ada',
    authorKind: 'user',
    authorId: null,
    trusted: true,
    body: 'Please keep the old name.',
    idempotencyKey: null,
    deletedAt: null,
    ...stamps,
    ...overrides,
  };
}

/** A queued run without a lease. */
export function aRun(overrides: Partial<Run> = {}): Run {
  return {
    id: randomUUID(),
    number: 1,
    taskId: randomUUID(),
    repositoryId: randomUUID(),
    agentType: 'implementation',
    language: 'php',
    model: 'openai:gpt-5',
    status: 'queued',
    outcome: null,
    outcomeDetail: null,
    reason: 'The task asks for a change in PHP files.',
    priority: 20,
    attempt: 1,
    baseBranch: null,
    baseCommit: null,
    headCommit: null,
    branch: null,
    phase: null,
    repairRound: 0,
    turns: 0,
    inputTokens: 0,
    outputTokens: 0,
    costMicros: 0,
    gate: null,
    summary: null,
    sandbox: null,
    cancelRequestedAt: null,
    leaseOwner: null,
    leaseToken: 0,
    leaseExpiresAt: null,
    requestedById: null,
    waitedMs: 0,
    resumeAt: null,
    pauses: 0,
    workerDeaths: 0,
    triggerKey: null,
    origin: null,
    resumePoint: null,
    demo: false,
    queuedAt: BUILT_AT,
    startedAt: null,
    finishedAt: null,
    ...stamps,
    ...overrides,
  };
}

/** A running tool step. */
export function aStep(overrides: Partial<Step> = {}): Step {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    runId: randomUUID(),
    seq: 1,
    key: `tool:${id}`,
    kind: 'tool',
    status: 'running',
    title: 'read_file src/Price.php',
    input: { path: 'src/Price.php' },
    output: null,
    data: null,
    startedAt: BUILT_AT,
    finishedAt: null,
    ...overrides,
  };
}

/** An open change of one file. */
export function aChange(overrides: Partial<Change> = {}): Change {
  return {
    id: randomUUID(),
    number: 1,
    repositoryId: randomUUID(),
    taskId: randomUUID(),
    runId: randomUUID(),
    title: 'Round prices to cents',
    body: 'Rounds where prices are made.',
    branch: 'teko/task-1',
    baseBranch: 'main',
    baseCommit: commit,
    headCommit: 'b'.repeat(40),
    status: 'open',
    pullRequestNumber: null,
    url: null,
    filesChanged: 1,
    additions: 3,
    deletions: 1,
    demo: false,
    ...stamps,
    ...overrides,
  };
}

/** An open finding on one line. */
export function aFinding(overrides: Partial<Finding> = {}): Finding {
  return {
    id: randomUUID(),
    runId: randomUUID(),
    taskId: randomUUID(),
    changeId: null,
    repositoryId: randomUUID(),
    path: 'src/Price.php',
    startLine: 7,
    endLine: 7,
    severity: 'medium',
    title: 'Rounds twice',
    body: 'The caller rounds already.',
    status: 'open',
    createdAt: BUILT_AT,
    ...overrides,
  };
}

/** A pending model call. */
export function aModelCall(overrides: Partial<ModelCall> = {}): ModelCall {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    runId: randomUUID(),
    key: `turn:${id}`,
    model: 'openai:gpt-5',
    status: 'pending',
    requestHash: 'c'.repeat(64),
    newMessages: null,
    reply: null,
    error: null,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costMicros: null,
    durationMs: null,
    createdAt: BUILT_AT,
    finishedAt: null,
    ...overrides,
  };
}

/** A pending push. */
export function anEffect(overrides: Partial<Effect> = {}): Effect {
  const id = overrides.id ?? randomUUID();
  return {
    id,
    key: `push:${id}`,
    runId: randomUUID(),
    kind: 'push',
    status: 'pending',
    request: { branch: 'teko/task-1' },
    result: null,
    error: null,
    ...stamps,
    ...overrides,
  };
}

/** A checkpoint without a parent. */
export function aCheckpoint(overrides: Partial<StoredCheckpoint> = {}): StoredCheckpoint {
  return {
    threadId: randomUUID(),
    namespace: '',
    checkpointId: randomUUID(),
    parentId: null,
    checkpoint: '{}',
    metadata: '{}',
    ...overrides,
  };
}

/** A pending approval of a CI change. */
export function anApproval(overrides: Partial<Approval> = {}): Approval {
  return {
    id: randomUUID(),
    runId: randomUUID(),
    taskId: randomUUID(),
    repositoryId: randomUUID(),
    kind: 'change',
    status: 'pending',
    reasons: ['It changes the CI configuration: .github/workflows/ci.yml.'],
    rule: 'risky',
    approvers: 'anyone',
    sensitiveFiles: null,
    title: 'Run the tests',
    text: null,
    files: null,
    baseCommit: 'a'.repeat(40),
    headCommit: 'b'.repeat(40),
    subjectHash: hash(),
    decidedById: null,
    decidedByName: null,
    note: null,
    createdAt: BUILT_AT,
    decidedAt: null,
    ...overrides,
  };
}

/** Returns a unique hash of 64 hex digits. */
export function hash(): string {
  return (randomUUID() + randomUUID()).replaceAll('-', '');
}
