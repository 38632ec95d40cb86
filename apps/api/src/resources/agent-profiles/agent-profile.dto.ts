import { AGENT_TYPES, type AgentType } from '@teko/contracts';
import { Data, OneOf, Text } from '../../http/fields';

/** What an agent of this installation is: plain data for the panel. */
export class AgentProfileDto {
  @Text('Identifier.', 'implementation') id: string;
  @Text('Name.', 'Code implementation') name: string;
  @OneOf(AGENT_TYPES, 'Kind of agent.') agentType: AgentType;
  @Text('What it does.', 'Implements a task and proves it with the tests.') description: string;
  @Text('Model it uses.', 'anthropic:claude-sonnet-4-5', { nullable: true }) model: string | null;
  @Text('Model that goes on where that one does not answer.', 'openai:gpt-5', { nullable: true }) fallback:
    string | null;
  @Text('Tools it may use.', 'read_file', { isArray: true }) tools: string[];
  @Data('Limits of one run.', { turns: 40 }) limits: Record<string, unknown>;
}

/** Token of the agents' data: an array of AgentProfileDto. Optional. */
export const AGENT_PROFILES = Symbol('AGENT_PROFILES');
