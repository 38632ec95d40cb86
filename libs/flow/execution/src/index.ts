import { Approvals } from './approvals';
import { AgentLoopFactory } from './agent-loop-factory';
import { ExecutionService } from './execution.service';
import { Implementation } from './implementation';
import { RunInsights } from './run-insights';
import { HumanInputService } from './human-input.service';
import { RepositoryRules } from './repository-rules';
import { Review } from './review';
import { ProvenancePolicy } from './provenance.policy';
import { ConversationHistory } from './conversation-history';
import { WorkInProgress } from './work-in-progress';

export { ExecutionService };
export { ResultPublisher, ExecutionSettings, RecordEvent } from './settings';
export { AGENTS, type Agent } from './agents';

/** Providers of this stage, to be registered in a module. */
export const EXECUTION_PROVIDERS = [
  ExecutionService,
  Approvals,
  AgentLoopFactory,
  Implementation,
  RunInsights,
  HumanInputService,
  RepositoryRules,
  Review,
  ProvenancePolicy,
  ConversationHistory,
  WorkInProgress,
];
