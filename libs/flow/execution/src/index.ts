import { Approvals } from './approvals';
import { AgentLoopFactory } from './agent-loop-factory';
import { ExecutionService } from './execution.service';
import { Implementation } from './implementation';
import { RunInsights } from './run-insights';
import { Gates } from './gate/gates';
import { HumanInputService } from './human-input.service';
import { RepositoryRules } from './repository-rules';
import { Review } from './review';
import { ProvenancePolicy } from './provenance.policy';
import { ConversationHistory } from './conversation-history';
import { ResultCommits } from './result/result-commits';
import { WorkInProgress } from './work-in-progress';

export { ExecutionService };
export { ResultPublisher, ExecutionSettings, RecordEvent } from './settings';
export { AGENTS, type Agent } from './agents';
export { unknownPriceMessage } from './loop/budget-message';
export { Gate } from './gate/gate';
export { CanaryCache } from './gate/canary-cache';
export { testPlan, type TestPlan } from './gate/test-plan';
export { TestRuns } from './gate/test-runs';
export { parseReport } from './gate/test-report';

/** Providers of this stage, to be registered in a module. */
export const EXECUTION_PROVIDERS = [
  ExecutionService,
  Approvals,
  AgentLoopFactory,
  Gates,
  Implementation,
  RunInsights,
  HumanInputService,
  RepositoryRules,
  Review,
  ProvenancePolicy,
  ConversationHistory,
  ResultCommits,
  WorkInProgress,
];
