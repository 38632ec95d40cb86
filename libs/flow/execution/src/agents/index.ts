import type { AgentType } from '@teko/contracts';
import type { Agent } from './agent';
import { implementationAgent } from './implementation.agent';
import { reviewAgent } from './review.agent';

export type { Agent, AgentLimits } from './agent';

export const AGENTS: Record<AgentType, Agent> = { implementation: implementationAgent, review: reviewAgent };
