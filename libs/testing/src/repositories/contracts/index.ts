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
import { repositoryFilterContract } from './repository-filter';
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

export {
  accountContract,
  apiTokenContract,
  auditLogEntryContract,
  repositoryGrantContract,
  roleContract,
  sessionContract,
  userContract,
} from './access';
export { budgetContract } from './budgets';
export { codeIndexContract } from './code-indexes';
export { insightContract } from './insights';
export { repositoryFilterContract } from './repository-filter';
export { checkpointContract, eventContract } from './records';
export {
  approvalContract,
  changeContract,
  effectContract,
  findingContract,
  modelCallContract,
  stepContract,
} from './results';
export { checkRunContract, commentLinkContract } from './integration';
export { runContract } from './runs';
export { storedItemContract } from './stored-items';
export { expectEachClaimedOnce, webhookEventContract } from './webhook-events';
export { codebaseProfileContract, commentContract, repositoryContract, taskContract } from './work';
export type { MakeRepositories } from './fixture';

/** Runs the contract suites of all repository ports on one set of repositories. */
export function repositoryContracts(name: string, make: MakeRepositories): void {
  const contracts = [
    repositoryFilterContract,
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
