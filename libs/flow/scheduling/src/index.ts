export { SchedulingService } from './scheduling.service';
export { chooseAgent, type AgentChoice } from './choose-agent';
