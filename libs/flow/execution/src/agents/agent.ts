import type { AgentType } from '@teko/contracts';

/** An agent as data: the same code runs all of them. */
export interface Agent {
  id: AgentType;
  title: string;
  /** Names of the tools that the agent can call. */
  tools: string[];
  limits: AgentLimits;
  /** System prompt; the conventions of the language are added to it. */
  instructions: string;
}

export interface AgentLimits {
  /** Maximum of model replies. */
  turns: number;
  wallMs: number;
  /** Maximum of input and output tokens of the whole run. */
  tokens: number;
  outputTokensPerTurn: number;
  /** How often the agent gets another try after the gate rejected its result. */
  repairRounds: number;
  /** The run ends after this many identical calls in a row with identical results. */
  sameCalls: number;
  /** The run ends after this many turns in a row without a successful call. */
  uselessAnswers: number;
}
