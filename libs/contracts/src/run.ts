export const AGENT_TYPES = ['implementation', 'review'] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

/** Builds a record with one value per agent type. */
export function byAgentType<T>(make: (agentType: AgentType, index: number) => T): Record<AgentType, T> {
  return Object.fromEntries(AGENT_TYPES.map((type, index) => [type, make(type, index)])) as Record<AgentType, T>;
}

/** Statuses of a run; see RUN_STATUS_MEANINGS. */
export const RUN_STATUSES = [
  'queued',
  'running',
  'waiting',
  'interrupted',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const RUN_STATUS_MEANINGS: Record<RunStatus, string> = {
  queued: 'Waits for a worker, at first or again after a wait or an interruption.',
  running: 'A worker executes it.',
  waiting: 'Waits for human input, its model or the forge, and occupies no worker.',
  interrupted: 'Its worker stopped or could not continue; it is queued again within seconds.',
  succeeded: 'Ended as requested; `outcome` says how.',
  failed: 'Ended without the requested result; `outcome` says why.',
  cancelled: 'Ended by a cancellation.',
};

/** Statuses that a run never leaves. */
export const FINAL_RUN_STATUSES = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly RunStatus[];

export function isFinalRun({ status }: { status: RunStatus }): boolean {
  return (FINAL_RUN_STATUSES as readonly RunStatus[]).includes(status);
}

/**
 * Why a run ended as it did, computed from facts; see RUN_OUTCOME_MEANINGS. Only `gate_green`, `reviewed`, `answered` and
 * `replayed` mean success.
 */
export const RUN_OUTCOMES = [
  'gate_green',
  'reviewed',
  'answered',
  'no_change',
  'gate_red',
  'tests_changed',
  'no_tests',
  'not_proven',
  'not_finished',
  'turn_limit',
  'time_limit',
  'token_limit',
  'budget_limit',
  'no_progress',
  'model_error',
  'model_missing',
  'price_missing',
  'sandbox_missing',
  'sandbox_error',
  'repository_error',
  'rejected_change',
  'not_allowed',
  'replayed',
  'diverged',
  'worker_died',
  'internal_error',
  'cancelled',
] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

export const RUN_OUTCOME_MEANINGS: Record<RunOutcome, string> = {
  gate_green: 'The gate accepted the change, and the change was delivered.',
  reviewed: 'The review is complete, and its findings are stored.',
  answered: 'A follow-up answered the comments without changing the code.',
  no_change: 'The agent changed nothing.',
  gate_red: 'Tests fail on the result, also after the last repair round.',
  tests_changed: 'Tests were removed or disabled, or existing tests were changed to pass.',
  no_tests: 'There is no test command, or it ran no tests.',
  not_proven:
    'The tests prove nothing: they also pass if the code is broken, no test reproduces the reported bug, or tests fail as before and none shows the change.',
  not_finished: 'The agent stopped without finishing its work.',
  turn_limit: 'The agent used its maximum number of model turns.',
  time_limit: 'The run exceeded its time limit.',
  token_limit: 'The agent used its maximum number of tokens.',
  budget_limit: 'The next model call could have exceeded a budget.',
  no_progress: 'The agent repeated the same calls, or made no successful call in several turns.',
  model_error: 'A model call failed, and retries did not help or were not possible.',
  model_missing: 'No model is configured, or a setting that the model needs is missing.',
  price_missing: 'The price of the model is unknown.',
  sandbox_missing: 'No sandbox is available on the host of the worker.',
  sandbox_error: 'The sandbox failed.',
  repository_error:
    'The repository cannot be used: Git failed, it is not analysed, its branch or the change to review is missing, or its settings file is invalid.',
  rejected_change: 'A user rejected the change, or its content is not allowed.',
  not_allowed: 'The requester is no longer allowed to change the repository, or the forge denied access.',
  replayed: 'A replay matched its recorded run.',
  diverged: 'A replay differed from its recorded run.',
  worker_died: 'The process of the worker died three times while it executed the run.',
  internal_error: 'Teko had an unexpected error, or a service such as the forge stayed unavailable.',
  cancelled: 'The run was cancelled.',
};

/** Phases of a run; see RUN_PHASE_MEANINGS. */
export const RUN_PHASES = ['prepare', 'baseline', 'agent', 'gate', 'delivery'] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

export const RUN_PHASE_MEANINGS: Record<RunPhase, string> = {
  prepare: 'Teko prepares model, sandbox and code.',
  baseline: 'The tests run before the change.',
  agent: 'The agent works.',
  gate: 'The gate verifies the result.',
  delivery: 'Teko delivers the change, the findings or the answer.',
};

/** What a step of a run shows. `phase` marks a stage of the run, `gate` one execution of the tests. */
export const STEP_KINDS = ['phase', 'model', 'tool', 'gate', 'note', 'effect'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export const STEP_STATUSES = ['running', 'done', 'failed'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** Which changes need approval before they are submitted; see APPROVAL_RULE_MEANINGS. */
export const APPROVAL_RULES = ['never', 'risky', 'always'] as const;
export type ApprovalRule = (typeof APPROVAL_RULES)[number];

export const APPROVAL_RULE_MEANINGS: Record<ApprovalRule, string> = {
  never:
    'Changes to files that CI reads, to `.teko.yml` or to instructions for agents, and changes outside an approved plan.',
  risky:
    'Changes to sensitive files (all that are not recognisably source code, tests, documentation or assets), and changes outside an approved plan.',
  always: 'All changes.',
};

/** What happens to a result that its tests do not prove; see UNPROVEN_RULE_MEANINGS. */
export const UNPROVEN_RULES = ['keep_branch', 'open_draft'] as const;
export type UnprovenRule = (typeof UNPROVEN_RULES)[number];

export const UNPROVEN_RULE_MEANINGS: Record<UnprovenRule, string> = {
  keep_branch: 'Its branch is kept, and no pull request is opened.',
  open_draft: 'Its branch is kept, and a draft pull request is opened.',
};

/** Whether an agent's plan needs approval before the agent changes anything. */
export const PLAN_RULES = ['never', 'always'] as const;
export type PlanRule = (typeof PLAN_RULES)[number];

/** What has to be approved. */
export const APPROVAL_KINDS = ['plan', 'change'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/** How a run is based on another run: it continues it, forks it at a turn, replays its record, or follows up on comments on its change. */
export const RUN_ORIGINS = ['continue', 'fork', 'replay', 'follow_up'] as const;
export type RunOriginKind = (typeof RUN_ORIGINS)[number];

/** Who can approve; see APPROVERS_MEANINGS. */
export const APPROVERS = ['anyone', 'others'] as const;
export type Approvers = (typeof APPROVERS)[number];

export const APPROVERS_MEANINGS: Record<Approvers, string> = {
  anyone: 'Anyone with the permission.',
  others: 'Anyone with the permission, except the requester of the task or the run.',
};

/** Kinds of effects of a run; see EFFECT_KIND_MEANINGS. */
export const EFFECT_KINDS = ['push', 'pull_request', 'change', 'comment', 'question', 'reply'] as const;
export type EffectKind = (typeof EFFECT_KINDS)[number];

export const EFFECT_KIND_MEANINGS: Record<EffectKind, string> = {
  push: 'Pushes the commits to a branch.',
  pull_request: 'Opens the pull request, or updates the open one.',
  change: 'Stores the change in Teko.',
  comment: 'Comments on the task how the run ended.',
  question: 'Asks the requester a question on the task.',
  reply: 'Replies in a review thread of the pull request.',
};

/** Statuses of an effect; see EFFECT_STATUS_MEANINGS. */
export const EFFECT_STATUSES = ['pending', 'done', 'failed'] as const;
export type EffectStatus = (typeof EFFECT_STATUSES)[number];

export const EFFECT_STATUS_MEANINGS: Record<EffectStatus, string> = {
  pending: 'Started; its result is not known yet.',
  done: 'Complete. A comment, question or reply is then stored, and published on the forge afterwards; the `url` of the comment is set when it is.',
  failed: 'Failed; `error` says why. It is tried again if the run reaches it again.',
};

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** Statuses of a change; see CHANGE_STATUS_MEANINGS. */
export const CHANGE_STATUSES = ['draft', 'open', 'merged', 'closed'] as const;
export type ChangeStatus = (typeof CHANGE_STATUSES)[number];

export const CHANGE_STATUS_MEANINGS: Record<ChangeStatus, string> = {
  draft: 'Its pull request is a draft: unfinished work was pushed after a limit, or somebody converted it to a draft.',
  open: 'Waits to be reviewed and merged.',
  merged: 'Its pull request was merged.',
  closed: 'Closed without being merged.',
};

export const FINDING_SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/** Statuses of a finding; see FINDING_STATUS_MEANINGS. */
export const FINDING_STATUSES = ['open', 'accepted', 'dismissed'] as const;
export type FindingStatus = (typeof FINDING_STATUSES)[number];

export const FINDING_STATUS_MEANINGS: Record<FindingStatus, string> = {
  open: 'Not decided yet.',
  accepted: 'A user agreed with it; this has no further effect.',
  dismissed: 'A user disagreed with it; it is removed from the insight that the review recorded about the file.',
};

export const REPOSITORY_STATUSES = ['pending', 'ready', 'failed'] as const;
export type RepositoryStatus = (typeof REPOSITORY_STATUSES)[number];
