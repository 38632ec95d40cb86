import type { FindingSeverity, InsightKind } from '@teko/contracts';
import type { ChangeDiff, FinishReport, SandboxSession, SearchResult } from '@teko/domain';
import type { z } from 'zod';

export interface FindingDraft {
  path: string;
  startLine: number;
  endLine: number;
  severity: FindingSeverity;
  title: string;
  body: string;
}

/** A reply to a review thread that is not posted yet. */
export interface ReplyDraft {
  threadId: string;
  body: string;
}

/** What a tool can use. Files and commands are those of the sandbox. */
export interface ToolContext {
  session: SandboxSession;
  signal: AbortSignal;
  /** Files of the change under review; empty for other runs. */
  changedFiles: ChangeDiff['files'];
  humanInput: HumanInput;
  codeSearch: CodeSearch;
  insights: InsightWriter;
}

/** Semantic search in the code of the repository. */
export interface CodeSearch {
  search(text: string, options: { path?: string; limit: number }): Promise<SearchResult>;
}

/** Stores insights of an agent for later runs. */
export interface InsightWriter {
  /** Returns the tool result: that the insight is stored, or why not. `key` identifies the call within the run. */
  remember(insight: { kind: InsightKind; text: string; path: string | null }, key: string): Promise<ToolResult>;
}

export interface Plan {
  text: string;
  /** Files and folders that the change will touch. */
  files: string[];
}

/** Questions and plans for humans. `ask` and `approvePlan` throw RunSuspended until there is an answer. */
export interface HumanInput {
  /** Asks the requester and returns the answer. `key` identifies the question within the run. */
  ask(key: string, question: string): Promise<string>;
  /** Requests approval of a plan and returns the decision with its note. */
  approvePlan(plan: Plan): Promise<{ approved: boolean; note: string | null }>;
  /** Returns false if a plan has to be approved first. */
  canChangeFiles(): Promise<boolean>;
}

export interface ToolResult {
  content: string;
  isError?: boolean;
  /** The agent's final report; ends the loop. */
  finish?: FinishReport;
  finding?: FindingDraft;
  reply?: ReplyDraft;
  /** Details that are stored with the step. */
  data?: Record<string, unknown>;
}

/** A tool that a model can call. */
export interface Tool<Input extends z.ZodType = z.ZodType> {
  name: string;
  description: string;
  input: Input;
  /** Whether the tool changes files. If a plan is required, it is refused until one is approved. */
  changesFiles?: boolean;
  /** `key` identifies this call within the run. */
  run(input: z.infer<Input>, context: ToolContext, key: string): Promise<ToolResult>;
}

export function defineTool<Input extends z.ZodType>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool;
}

/** Returns an error to the model, so that it can correct its call. */
export function toolError(content: string): ToolResult {
  return { content, isError: true };
}
