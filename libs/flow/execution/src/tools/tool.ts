import type { FindingSeverity, InsightKind } from '@teko/contracts';
import type { ChangeDiff, FinishReport, SandboxSession, SearchAnswer } from '@teko/domain';
import type { z } from 'zod';

export interface FindingDraft {
  path: string;
  startLine: number;
  endLine: number;
  severity: FindingSeverity;
  title: string;
  body: string;
}

/** What is to be said in a thread of a review. */
export interface ReplyDraft {
  threadId: string;
  body: string;
}

/** What a tool may use. Nothing here reaches outside the sandbox. */
export interface ToolContext {
  session: SandboxSession;
  signal: AbortSignal;
  /** Files of the change under review; empty for other work. */
  changedFiles: ChangeDiff['files'];
  people: HumanInput;
  code: CodeMemory;
  notes: InsightWriter;
}

/** The memory of the repository's code. */
export interface CodeMemory {
  search(text: string, options: { path?: string; limit: number }): Promise<SearchAnswer>;
}

/** Where an agent writes down what later runs should know. */
export interface InsightWriter {
  /** Answers what the agent is told: that it is noted, or why it is not. `key` names the call in its run. */
  remember(fact: { kind: InsightKind; text: string; path: string | null }, key: string): Promise<ToolResult>;
}

export interface Plan {
  text: string;
  /** Files and folders that the change will touch. */
  files: string[];
}

/** Those whom an agent may ask. Each throws RunSuspended until there is an answer. */
export interface HumanInput {
  /** Asks who wanted the work; answers what was said to it. `key` tells questions of a run apart. */
  ask(key: string, question: string): Promise<string>;
  /** Has a plan approved; answers what was said to it, and whether it was. */
  approve(plan: Plan): Promise<{ approved: boolean; note: string | null }>;
  /** Whether files may be changed: always, but where a plan has to be approved first. */
  mayChange(): Promise<boolean>;
}

export interface ToolResult {
  content: string;
  isError?: boolean;
  /** The agent says that it is done. */
  finish?: FinishReport;
  finding?: FindingDraft;
  reply?: ReplyDraft;
  /** Facts for the step. */
  data?: Record<string, unknown>;
}

/** Something a model may ask for. */
export interface Tool<Input extends z.ZodType = z.ZodType> {
  name: string;
  description: string;
  input: Input;
  /** It changes files, so it waits for the plan where there has to be one. */
  changes?: boolean;
  /** `key` names this call in its run. */
  run(input: z.infer<Input>, context: ToolContext, key: string): Promise<ToolResult>;
}

export function defineTool<Input extends z.ZodType>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool;
}

/** Tells the model what it did wrong, so that it can mend it. */
export function refused(content: string): ToolResult {
  return { content, isError: true };
}
