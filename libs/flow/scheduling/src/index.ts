export { SchedulingService } from './scheduling.service';
export { chooseAgent, type AgentChoice } from './choose-agent';
export { QueuePlaces, type QueuePlace } from './queue-place.service';
export { Reruns } from './reruns.service';
export { waitsForTasks } from './blockers';
