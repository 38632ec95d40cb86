import { readFile } from 'node:fs/promises';
import { ModelError, type ModelReply, type ModelRequest, type TokenUsage } from '@teko/domain';

/** Recorded replies of a model, by agent and turn. */
export interface Transcript {
  agents: Record<
    string,
    { turns: { content?: string; toolCalls?: { name: string; args: Record<string, unknown> }[]; usage?: TokenUsage }[] }
  >;
}

/** Replays a transcript. The request determines the turn, so a retried or resumed request gets the same reply. */
export class ReplayModel {
  private transcript: Promise<Transcript> | null = null;

  constructor(private readonly file: string | undefined) {}

  async complete({ model, messages }: ModelRequest): Promise<ModelReply> {
    const agent = model.split('/')[1] ?? '';
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    const recorded = (await this.load()).agents[agent]?.turns[turn];
    if (!recorded)
      throw new ModelError(
        `the recorded transcript has no turn ${turn + 1} for the ${agent} agent; set TEKO_MODEL to continue with a real model`,
        false,
      );
    const calls = recorded.toolCalls ?? [];
    return {
      content: recorded.content ?? '',
      toolCalls: calls.map(({ name, args }, i) => ({ id: `replay-${turn}-${i}`, name, args })),
      usage: recorded.usage ?? { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
      stopReason: calls.length > 0 ? 'tool_calls' : 'stop',
    };
  }

  private load(): Promise<Transcript> {
    const { file } = this;
    if (!file) throw new ModelError('there is no recorded transcript; set TEKO_MODEL to use a real model', false);
    this.transcript ??= readFile(file, 'utf8').then((text) => JSON.parse(text) as Transcript);
    return this.transcript;
  }
}
