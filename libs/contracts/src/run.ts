export const AGENT_TYPES = ['implementation', 'review'] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

/** Builds a record with one value per agent type. */
export function byAgentType<T>(make: (agentType: AgentType, index: number) => T): Record<AgentType, T> {
  return Object.fromEntries(AGENT_TYPES.map((type, index) => [type, make(type, index)])) as Record<AgentType, T>;
}

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

/** Statuses that a run never leaves. */
export const FINAL_RUN_STATUSES = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly RunStatus[];

export function isFinalRun({ status }: { status: RunStatus }): boolean {
  return (FINAL_RUN_STATUSES as readonly RunStatus[]).includes(status);
}

/**
 * Why a run ended as it did, computed from facts. Only `gate_green`, `reviewed`, `answered` and `replayed` mean success.
 */
export const RUN_OUTCOMES = [
  'gate_green',
  'reviewed',
  'answered',
  'no_change',
  'gate_red',
  'tests_changed',
  'no_tests',
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
  'internal_error',
  'cancelled',
] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What a step of a run shows. `phase` marks a stage of the run, `gate` one execution of the tests. */
export const STEP_KINDS = ['phase', 'model', 'tool', 'gate', 'note', 'effect'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export const STEP_STATUSES = ['running', 'done', 'failed'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** Which changes need approval before they are submitted; `risky` ones touch CI, dependencies or lock files. */
export const APPROVAL_RULES = ['never', 'risky', 'always'] as const;
export type ApprovalRule = (typeof APPROVAL_RULES)[number];

/** Whether an agent's plan needs approval before the agent changes anything. */
export const PLAN_RULES = ['never', 'always'] as const;
export type PlanRule = (typeof PLAN_RULES)[number];

/** What has to be approved. */
export const APPROVAL_KINDS = ['plan', 'change'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/** How a run is based on another run: it continues it, forks it at a turn, replays its record, or follows up on comments on its change. */
export const RUN_ORIGINS = ['continue', 'fork', 'replay', 'follow_up'] as const;
export type RunOriginKind = (typeof RUN_ORIGINS)[number];

/** Who can approve: anyone with the permission, or anyone except the requester. */
export const APPROVERS = ['anyone', 'others'] as const;
export type Approvers = (typeof APPROVERS)[number];

/** Effects of a run in external systems. `question` asks the requester on the task. */
export const EFFECT_KINDS = ['push', 'pull_request', 'change', 'comment', 'question', 'reply'] as const;
export type EffectKind = (typeof EFFECT_KINDS)[number];

export const EFFECT_STATUSES = ['pending', 'done', 'failed'] as const;
export type EffectStatus = (typeof EFFECT_STATUSES)[number];

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const CHANGE_STATUSES = ['draft', 'open', 'merged', 'closed'] as const;
export type ChangeStatus = (typeof CHANGE_STATUSES)[number];

export const FINDING_SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

export const REPOSITORY_STATUSES = ['pending', 'ready', 'failed'] as const;
export type RepositoryStatus = (typeof REPOSITORY_STATUSES)[number];
