import type { ToolCall } from '@teko/domain';
import { z } from 'zod';
import { RunAborted, RunSuspended } from '../run-result';
import type { Journal } from '../journal';
import { refused, type Tool, type ToolContext, type ToolResult } from '../tools/tool';

const MAX_CONTENT = 48 * 1024;

/** Runs what a model asks for. A call whose result is in the journal is not run again. */
export class ToolRunner {
  constructor(
    private readonly tools: Tool[],
    private readonly context: ToolContext,
    private readonly journal: Journal,
    private readonly redact: (text: string) => string,
  ) {}

  get names(): string {
    return this.tools.map(({ name }) => name).join(', ');
  }

  /** The tools as a model is told of them. */
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
        const { content, data, ...facts } = await this.execute(call, key);
        return {
          status: facts.isError ? 'failed' : 'done',
          output: bounded(this.redact(content)),
          data: { ...data, result: facts },
        };
      },
    );
    const facts = (step.data?.result ?? {}) as Omit<ToolResult, 'content'>;
    return { ...facts, content: step.output ?? '', isError: step.status === 'failed' };
  }

  private async execute(call: ToolCall, key: string): Promise<ToolResult> {
    const tool = this.tools.find(({ name }) => name === call.name);
    if (!tool) return refused(`There is no tool ${call.name}. There are: ${this.names}.`);
    if (call.args === null)
      return refused(`The arguments are not a JSON object: ${(call.rawArgs ?? '').slice(0, 500)}`);
    const input = tool.input.safeParse(call.args);
    if (!input.success)
      return refused(
        `The arguments of ${call.name} are wrong. ${input.error.issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`).join('; ')}`,
      );
    if (tool.changes && !(await this.context.people.mayChange()))
      return refused('Nothing can be changed before a plan is approved: call propose_plan.');
    try {
      return await tool.run(input.data, this.context, key);
    } catch (error) {
      this.context.signal.throwIfAborted();
      if (error instanceof RunSuspended || error instanceof RunAborted) throw error;
      // A sandbox that is gone ends the run; what went wrong inside it is the model's to mend.
      if ((error as { code?: string }).code === 'unavailable') throw error;
      return refused((error as Error).message);
    }
  }
}

function bounded(content: string): string {
  if (content.length <= MAX_CONTENT) return content;
  return `${content.slice(0, MAX_CONTENT / 2)}\n[... ${content.length - MAX_CONTENT} characters left out ...]\n${content.slice(-MAX_CONTENT / 2)}`;
}
