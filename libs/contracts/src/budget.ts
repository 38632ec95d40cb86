/** What a budget limits. All scopes except `installation` apply to one object or to each one separately. */
export const BUDGET_SCOPES = ['installation', 'repository', 'user', 'task', 'run', 'agent'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** A month is a calendar month in UTC. */
export const BUDGET_PERIODS = ['month', 'total'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];
