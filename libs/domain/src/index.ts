/* All domain types and ports. A port is an interface plus an injection token of the same name. */

// Errors: each code maps to one HTTP status in the API and one decision in the worker (retry, give up or ask a human)
export {
  ConflictError,
  DomainError,
  IllegalTransitionError,
  InvalidError,
  LeaseLostError,
  NotFoundError,
  UnavailableError,
  isForgeOutage,
  isInfrastructureOutage,
  type ErrorCode,
} from './errors';

// Code repositories
export type { Repository } from './repository/repository';
export { RepositoryRepository } from './repository/repository.repository';

// Codebase profiles: the result of analysing a repository
export type {
  CodeModule,
  CodebaseProfile,
  GateCommands,
  HotSpot,
  LanguageShare,
  Toolchain,
} from './codebase-profile/codebase-profile';
export { CodebaseProfileRepository } from './codebase-profile/codebase-profile.repository';

// Tasks
export { canMoveTask, moveTask, type Task } from './task/task';
export { TaskRepository } from './task/task.repository';

// Comments on tasks and their links to external comments
export { answersTo, externalBody, isQuestionOf, isVisibleToAgent, questionKey, type Comment } from './comment/comment';
export type { CommentLink } from './comment/comment-link';
export { CommentRepository } from './comment/comment.repository';
export { CommentLinkRepository, MAX_POST_ATTEMPTS } from './comment/comment-link.repository';

// Runs: state machine, leases, queue, fair share
export {
  canMoveRun,
  isFinal,
  moveRun,
  usesRecordedReplies,
  waitedMsAtClaim,
  type Lease,
  type ResumePoint,
  type Run,
  type RunOrigin,
} from './run/run';
export { RunQueue, sumCounts, type QueueCounts, type RunJob, type RunRateLimit } from './run/run-queue';
export { nextRun, queuedHead, runsAhead, type ActiveRuns, type QueuedHead, type ShareRules } from './run/fair-share';
export { RunRepository } from './run/run.repository';

// Steps of a run
export type { Step } from './step/step';
export { StepRepository } from './step/step.repository';

// Gate: the result is checked with the repository's own tests
export {
  completeGateReport,
  MAX_GATE_NAMES,
  type Canary,
  type FinishReport,
  type GateReport,
  type GateVerdict,
  type TestExecution,
  type TestResults,
  type TestedTree,
} from './gate/gate';
export { filesNamedIn, isRunnerFile, restoredRunnerFile, scriptsNamedIn, shadowsRunner } from './gate/runner-files';

// Approvals
export type { Approval } from './approval/approval';
export { ApprovalRepository } from './approval/approval.repository';

// Changes: branch, commits and pull request of a run
export { preapprovedPathsError } from './change/preapproved-paths';
export { visiblePath } from './change/misleading-names';
export {
  sensitiveFiles,
  startsOtherFiles,
  type ApprovalPolicy,
  type ChangedFile,
  type SensitiveFile,
} from './change/sensitive-files';
export type { Change } from './change/change';
export { ChangeRepository } from './change/change.repository';

// Findings of reviews
export type { Finding } from './finding/finding';
export { FindingRepository } from './finding/finding.repository';

// Effects: changes in external systems, each made exactly once
export type { Effect } from './effect/effect';
export { EffectRepository } from './effect/effect.repository';

// Language models and their calls
export type { ChatMessage, ModelReply, ModelRequest, TokenUsage, ToolCall, ToolSpec } from './model/model';
export { modelCallKey, turnOf, type ModelCall, type ModelCallUse } from './model/model-call';
export { ModelError, ContextLengthError } from './model/model-error';
export { LanguageModels, type ModelChoice } from './model/language-models';
export { ModelCallRepository } from './model/model-call.repository';

// Budgets
export { usageFilter, usageFilterFor, type Budget, type BudgetReservation } from './budget/budget';
export { BudgetRepository } from './budget/budget.repository';

// Checkpoints of the agent loop
export type { StoredBlob, StoredCheckpoint, StoredWrite } from './checkpoint/checkpoint';
export { CheckpointRepository } from './checkpoint/checkpoint.repository';

// Items that agents store for later runs of a task
export type { StoredItem } from './stored-item/stored-item';
export { StoredItemRepository } from './stored-item/stored-item.repository';

// Insights
export type { Insight } from './insight/insight';
export { InsightRepository } from './insight/insight.repository';

// Code memory and search
export {
  Memory,
  type CodeQuery,
  type FileClass,
  type FileClassifier,
  type FileRules,
  type HitReason,
  type IndexOptions,
  type IndexResult,
  type SearchResult,
  type SearchHit,
} from './memory/memory';
export type { Embedder } from './memory/embedder';
export { newCodeIndex, type CodeIndex, type IndexCoverage } from './memory/code-index';
export { CodeIndexRepository } from './memory/code-index.repository';

// Forges, trackers and webhooks
export { FORGE_TIMEOUT_MS, Forge, type ForgePermission } from './integration/forge';
export type { Issue } from './integration/issue';
export { Tracker } from './integration/tracker';
export type { CheckRun, StoredCheckRun } from './integration/check-run';
export { ForgeRouter } from './integration/forge-router';
export type { PullRequest, PullRequestInput } from './integration/pull-request';
export type { ExternalUser } from './integration/external-user';
export type { WebhookEvent } from './integration/webhook-event';
export type { ExternalEvent } from './integration/external-event';
export { WebhookParser, type ParsedWebhook } from './integration/webhook-parser';
export type { GitCredentials } from './integration/git-credentials';
export {
  EXTERNAL_COMMENT_KINDS,
  type ExternalComment,
  type ExternalCommentKind,
  type ExternalCommentRef,
} from './integration/external-comment';
export { ForgeConnection, type Diagnosis } from './integration/forge-connection';
export type { ExternalRepository } from './integration/external-repository';
export { CheckRunRepository } from './integration/check-run.repository';
export { WebhookEventRepository } from './integration/webhook-event.repository';

// Sandboxes
export {
  Sandbox,
  type ExceededLimit,
  type ExecOptions,
  type ExecResult,
  type OutputOptions,
  type SandboxCheck,
  type SandboxLimits,
  type SandboxSession,
} from './sandbox/sandbox';

// Git mirrors
export {
  GitMirrors,
  RejectedChangeError,
  RejectedEntryError,
  type ChangeDiff,
  type FileChanges,
  type TreeEntry,
} from './git/git-mirrors';
export { isReservedName } from './git/reserved-names';
export {
  LEFT_OUT_REASONS,
  leftOutText,
  selectFiles,
  type LeftOutFile,
  type LeftOutReason,
  type NewFile,
  type SelectedFiles,
  type WorkTree,
} from './git/work-tree';

// Languages
export {
  isTestFile,
  languageById,
  languageOfFile,
  LANGUAGES,
  runnerOfCommand,
  type Language,
  type PackageManager,
  type RunnerReport,
  type TestRunner,
} from './languages';

// Users, roles, tokens
export type { Role } from './user/role';
export type { User } from './user/user';
export { ACCOUNT_PROVIDERS, type Account, type AccountProvider } from './user/account';
export type { Session, SignInLink } from './user/session';
export type { ApiToken } from './user/api-token';
export { RoleRepository } from './user/role.repository';
export { UserRepository } from './user/user.repository';
export type { RepositoryGrant } from './user/repository-grant';
export { AccountRepository } from './user/account.repository';
export { SessionRepository } from './user/session.repository';
export { ApiTokenRepository } from './user/api-token.repository';
export { RepositoryGrantRepository } from './user/repository-grant.repository';

// Audit log
export type { AuditLogEntry, NewAuditLogEntry } from './audit-log/audit-log-entry';
export { AuditLogEntryRepository } from './audit-log/audit-log-entry.repository';

// Event log
export type { NewEvent, StoredEvent } from './event/event';
export { EventBus } from './event/event-bus';
export { EventRepository } from './event/event.repository';

// Untrusted text
export { foldName, foldPath } from './text/folded-path';
export {
  authoredLines,
  codeSpan,
  commitMessage,
  fencedBlock,
  neutralize,
  neutralizeLine,
  plainLine,
  visibleText,
} from './text/untrusted-text';
export { jsonDepth } from './text/json-depth';

// Clock and identifiers
export { Ids } from './system/ids';
export { Clock } from './system/clock';
