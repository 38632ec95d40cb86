import type { ToolCall } from '@teko/domain';
import { z } from 'zod';
import { RunAborted, RunSuspended } from '../run-result';
import type { RunJournal } from '../run-journal';
import { parseArguments } from '../tools/arguments';
import { toolError, type Tool, type ToolContext, type ToolResult } from '../tools/tool';

const MAX_CONTENT_CHARACTERS = 48 * 1024;

/** Runs the tool calls of a model. A call whose result is in the journal is not run again. */
export class ToolRunner {
  constructor(
    private readonly tools: Tool[],
    private readonly context: ToolContext,
    private readonly journal: RunJournal,
    private readonly redact: (text: string) => string,
  ) {}

  get names(): string {
    return this.tools.map(({ name }) => name).join(', ');
  }

  /** Returns the tool definitions for a model request. */
  specs() {
    return this.tools.map(({ name, description, input }) => {
      const { $schema: _schema, ...parameters } = z.toJSONSchema(input, { io: 'input' });
      return { name, description, parameters };
    });
  }

  async run(turn: number, call: ToolCall): Promise<ToolResult> {
    const key = `tool:${turn}:${call.id}`;
    const step = await this.journal.step(
      key,
      'tool',
      call.name || '(no name)',
      call.args ?? { sent: call.rawArgs ?? '' },
      async () => {
        const { content, data, ...details } = await this.execute(call, key);
        return {
          status: details.isError ? 'failed' : 'done',
          output: truncate(this.redact(content)),
          data: { ...data, result: details },
        };
      },
    );
    const details = (step.data?.result ?? {}) as Omit<ToolResult, 'content'>;
    return { ...details, content: step.output ?? '', isError: step.status === 'failed' };
  }

  private async execute(call: ToolCall, key: string): Promise<ToolResult> {
    const tool = this.tools.find(({ name }) => name === call.name);
    if (!tool) return toolError(`There is no tool ${call.name}. Available tools: ${this.names}.`);
    if (call.args === null)
      return toolError(`The arguments are not a JSON object: ${(call.rawArgs ?? '').slice(0, 500)}`);
    const input = parseArguments(tool.input, call.args);
    if (!input.success)
      return toolError(
        `The arguments of ${call.name} are invalid. ${input.error.issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`).join('; ')}`,
      );
    if (tool.changesFiles && !(await this.context.humanInput.canChangeFiles()))
      return toolError('No file can be changed before a plan is approved: call propose_plan.');
    try {
      return await tool.run(input.data, this.context, key);
    } catch (error) {
      this.context.signal.throwIfAborted();
      if (error instanceof RunSuspended || error instanceof RunAborted) throw error;
      // An unavailable sandbox ends the run. The model can react to any other error.
      if ((error as { code?: string }).code === 'unavailable') throw error;
      return toolError((error as Error).message);
    }
  }
}

function truncate(content: string): string {
  if (content.length <= MAX_CONTENT_CHARACTERS) return content;
  return `${content.slice(0, MAX_CONTENT_CHARACTERS / 2)}\n[... ${content.length - MAX_CONTENT_CHARACTERS} characters omitted ...]\n${content.slice(-MAX_CONTENT_CHARACTERS / 2)}`;
}
