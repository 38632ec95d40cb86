import { Approvals } from './approvals';
import { Conversations } from './conversation';
import { ExecutionService } from './execution.service';
import { Implementation } from './implementation';
import { Notes } from './notes';
import { Questions } from './people';
import { RepositoryRules } from './repository-rules';
import { Review } from './review';
import { RunTrust } from './trust';
import { Threads } from './threads';
import { WorkInProgress } from './work-in-progress';

export { ExecutionService };
export { Delivery, ExecutionSettings, RecordEvent } from './settings';
export { AGENTS, type Agent } from './agents';

/** What a module has to provide for this stage. */
export const EXECUTION_PROVIDERS = [
  ExecutionService,
  Approvals,
  Conversations,
  Implementation,
  Notes,
  Questions,
  RepositoryRules,
  Review,
  RunTrust,
  Threads,
  WorkInProgress,
];
