import type { FindingSeverity } from '@teko/contracts';
import type { ChangeDiff, SandboxSession } from '@teko/domain';
import type { z } from 'zod';

export interface FindingDraft {
  path: string;
  startLine: number;
  endLine: number;
  severity: FindingSeverity;
  title: string;
  body: string;
}

/** What a tool may use. Nothing here reaches outside the sandbox. */
export interface ToolContext {
  session: SandboxSession;
  signal: AbortSignal;
  /** Files of the change under review; empty for other work. */
  changedFiles: ChangeDiff['files'];
}

export interface ToolResult {
  content: string;
  isError?: boolean;
  /** The agent says that it is done. */
  finish?: { title: string; summary: string };
  finding?: FindingDraft;
  /** Facts for the step. */
  data?: Record<string, unknown>;
}

/** Something a model may ask for. */
export interface Tool<Input extends z.ZodType = z.ZodType> {
  name: string;
  description: string;
  input: Input;
  run(input: z.infer<Input>, context: ToolContext): Promise<ToolResult>;
}

export function defineTool<Input extends z.ZodType>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool;
}

/** Tells the model what it did wrong, so that it can mend it. */
export function refused(content: string): ToolResult {
  return { content, isError: true };
}
