import type { AgentType } from '@teko/contracts';

/** An agent as data: one runner runs all of them. */
export interface Agent {
  id: AgentType;
  title: string;
  /** Names of the tools it is given. */
  tools: string[];
  limits: AgentLimits;
  /** How it is to work; the language's conventions and the task are added. */
  instructions: string;
}

export interface AgentLimits {
  turns: number;
  wallMs: number;
  /** Input and output tokens of the whole run. */
  tokens: number;
  outputTokensPerTurn: number;
  /** Times the gate's output is given back for another try. */
  repairRounds: number;
  /** The same call with the same answer so many times in a row ends the run. */
  sameCalls: number;
  /** So many answers in a row that cannot be used end the run. */
  uselessAnswers: number;
}
