import { AGENT_TYPES, type AgentType } from '@teko/contracts';
import { Data, OneOf, Text } from '../../http/fields';

/** An agent of this installation with its model, tools and limits. */
export class AgentProfileDto {
  @Text('Unique ID.', 'implementation') id: string;
  @Text('Name.', 'Code implementation') name: string;
  @OneOf(AGENT_TYPES, 'Type of agent.') agentType: AgentType;
  @Text('What it does.', 'Implements a task and proves it with the tests.') description: string;
  @Text('Model that the agent uses.', 'anthropic:claude-sonnet-4-5', { nullable: true }) model: string | null;
  @Text('Fallback model, used if the first one is unavailable.', 'openai:gpt-5', { nullable: true }) fallback:
    string | null;
  @Text('Tools that the agent can use.', 'read_file', { isArray: true }) tools: string[];
  @Data('Limits of one run.', { turns: 40 }) limits: Record<string, unknown>;
}

/** Injection token of the agent profiles: an array of AgentProfileDto. Optional. */
export const AGENT_PROFILES = Symbol('AGENT_PROFILES');
