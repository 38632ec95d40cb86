import type { MakeRepositories } from './fixture';
import { checkpointContract, eventContract, sessionContract, userContract } from './records';
import { changeContract, effectContract, findingContract, modelCallContract, stepContract } from './results';
import { runContract } from './runs';
import { codebaseProfileContract, commentContract, repositoryContract, taskContract } from './work';

export * from './records';
export * from './results';
export * from './runs';
export * from './work';
export type { MakeRepositories } from './fixture';

/** The contracts of all ports, for one set of repositories. */
export function everyRepositoryContract(name: string, make: MakeRepositories): void {
  const contracts = [
    repositoryContract,
    codebaseProfileContract,
    taskContract,
    commentContract,
    runContract,
    stepContract,
    changeContract,
    findingContract,
    modelCallContract,
    effectContract,
    checkpointContract,
    userContract,
    sessionContract,
    eventContract,
  ];
  for (const contract of contracts) contract(name, make);
}
