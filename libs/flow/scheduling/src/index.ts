export { SchedulingService } from './scheduling.service';
export { chooseAgent, type AgentChoice } from './choose-agent';
export { QueuePositions, type QueuePosition } from './queue-position.service';
export { ApprovalDecisions, type Decider } from './approval-decisions.service';
export { FollowUps } from './follow-ups.service';
export { Reruns } from './reruns.service';
export { waitsForTasks } from './blockers';
export { WaitingRuns } from './waiting-runs.service';
