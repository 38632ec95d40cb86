import {
  accountContract,
  apiTokenContract,
  auditLogEntryContract,
  repositoryGrantContract,
  roleContract,
  sessionContract,
  userContract,
} from './access';
import { budgetContract } from './budgets';
import { codeIndexContract } from './code-indexes';
import type { MakeRepositories } from './fixture';
import { insightContract } from './insights';
import { narrowingContract } from './narrowing';
import { checkpointContract, eventContract } from './records';
import {
  approvalContract,
  changeContract,
  effectContract,
  findingContract,
  modelCallContract,
  stepContract,
} from './results';
import { checkRunContract, commentLinkContract } from './integration';
import { runContract } from './runs';
import { storedItemContract } from './stored-items';
import { webhookEventContract } from './webhook-events';
import { codebaseProfileContract, commentContract, repositoryContract, taskContract } from './work';

export * from './access';
export * from './budgets';
export * from './code-indexes';
export * from './insights';
export * from './narrowing';
export * from './records';
export * from './results';
export * from './integration';
export * from './runs';
export * from './stored-items';
export * from './webhook-events';
export * from './work';
export type { MakeRepositories } from './fixture';

/** The contracts of all ports, for one set of repositories. */
export function everyRepositoryContract(name: string, make: MakeRepositories): void {
  const contracts = [
    narrowingContract,
    budgetContract,
    repositoryContract,
    codebaseProfileContract,
    codeIndexContract,
    insightContract,
    taskContract,
    commentContract,
    runContract,
    stepContract,
    approvalContract,
    changeContract,
    findingContract,
    modelCallContract,
    effectContract,
    checkpointContract,
    storedItemContract,
    userContract,
    roleContract,
    repositoryGrantContract,
    accountContract,
    sessionContract,
    apiTokenContract,
    auditLogEntryContract,
    webhookEventContract,
    commentLinkContract,
    checkRunContract,
    eventContract,
  ];
  for (const contract of contracts) contract(name, make);
}
