import { Approvals } from './approvals';
import { Conversations } from './conversation';
import { ExecutionService } from './execution.service';
import { Implementation } from './implementation';
import { RunInsights } from './run-insights';
import { HumanInputService } from './human-input';
import { RepositoryRules } from './repository-rules';
import { Review } from './review';
import { ProvenancePolicy } from './provenance.policy';
import { ConversationHistory } from './conversation-history';
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
  RunInsights,
  HumanInputService,
  RepositoryRules,
  Review,
  ProvenancePolicy,
  ConversationHistory,
  WorkInProgress,
];
