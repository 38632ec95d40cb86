import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { sampleOf, type ModelServer } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { missingPackages } from './required-packages';
import { brokenRepository, SAMPLES, type Sample } from './sample-repositories';
import { sharedTeko } from './shared-teko';

const PROVIDERS = ['openai', 'anthropic'] as const;

function fixScript(sample: Sample) {
  return [
    { text: 'I will read the code.', toolCalls: [{ name: 'read_file', args: { path: sample.file } }] },
    { toolCalls: [{ name: 'edit_file', args: { path: sample.file, oldText: sample.wrong, newText: sample.right } }] },
    {
      toolCalls: [
        { name: 'finish', args: { title: 'Fix the regression', summary: 'Restores the correct expression.' } },
      ],
    },
  ];
}

function modelEnv(provider: string, server: ModelServer): Record<string, string> {
  return provider === 'openai'
    ? { TEKO_MODEL: 'openai:scripted', OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: 'scenario-key-openai' }
    : { TEKO_MODEL: 'anthropic:scripted', ANTHROPIC_BASE_URL: server.url, ANTHROPIC_API_KEY: 'scenario-key-anthropic' };
}

describe.each(PROVIDERS)('a task to fix a third-party package, with the %s client', (provider) => {
  const shared = sharedTeko((server) => modelEnv(provider, server));

  it.for(provider === 'openai' ? SAMPLES : sampleOf(`fixes with ${provider}`, SAMPLES, SAMPLES.length))(
    'results in a change whose tests fail on base and pass on head: $language',
    async (sample, { skip }) => {
      const reason = missingPackages('bubblewrap', ...sample.packages);
      skip(reason !== null, reason ?? '');
      shared.useScript(fixScript(sample));
      const { teko } = shared;
      const task = await teko.addTask(brokenRepository(sample), {
        title: 'A regression',
        description: `See ${sample.file}`,
      });
      const run = await teko.finishedRun(task.id);

      expect(run, JSON.stringify(run)).toMatchObject({
        status: 'succeeded',
        outcome: 'gate_green',
        language: sample.language,
        sandbox: 'bubblewrap',
      });
      const gate = run.gate as { executions: { tree: string; exitCode: number }[] };
      const exit = Object.fromEntries(gate.executions.map((execution) => [execution.tree, execution.exitCode]));
      expect(exit.base).not.toBe(0);
      expect(exit.head).toBe(0);

      const [change] = await teko.rows(`/changes?runId=${run.id}`);
      const diff = await teko.get<{ patch: string }>(`/changes/${change!.id}/diff`);
      expect(diff.patch).toContain(`+++ b/${sample.file}`);
      const mirror = join(teko.home, 'repositories', `${String(run.repositoryId)}.git`);
      const tip = execFileSync('git', [
        '-c',
        'safe.directory=*',
        '--git-dir',
        mirror,
        'rev-parse',
        `refs/heads/${String(change!.branch)}`,
      ]);
      expect(tip.toString().trim()).toBe(run.headCommit);

      const steps = await teko.rows<{ kind: string; title: string }>(`/runs/${run.id}/steps`);
      expect(steps.filter((step) => step.kind === 'tool').length).toBeGreaterThanOrEqual(2);
      const comments = await teko.rows<{ body: string }>(`/comments?taskId=${task.id}`);
      expect(comments.map((comment) => comment.body).join()).toContain(String(change!.branch));
      expect(JSON.stringify([run, steps, comments]) + teko.output).not.toContain('scenario-key');
    },
  );
});
