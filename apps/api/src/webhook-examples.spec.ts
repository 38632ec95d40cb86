import { createHmac, randomUUID } from 'node:crypto';
import examples from '@octokit/webhooks-examples';
import { anAuthor, aRepository, aTask, InMemoryForge } from '@teko/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ApiFixture } from './api.fixture';

const SECRET = 'a secret of 23 letters.';

let api: ApiFixture;
beforeAll(async () => {
  const github = new InMemoryForge();
  github.currentUser = anAuthor('teko', { isBot: true });
  github.permissionOf = async () => 'admin';
  api = await ApiFixture.start({ GITHUB_WEBHOOK_SECRET: SECRET }, github);
});
afterAll(() => api?.close());

interface Example {
  event: string;
  body: string;
  forgeId: number | null;
  issues: number[];
}

function allExamples(): Example[] {
  return examples.flatMap(({ name: event, examples: payloads }) =>
    (payloads as { repository?: { id: number }; issue?: { number: number } }[]).map((payload) => ({
      event,
      body: JSON.stringify(payload),
      forgeId: payload.repository?.id ?? null,
      issues: payload.issue ? [payload.issue.number] : [],
    })),
  );
}

async function send({ event, body }: Example): Promise<number> {
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  const about = { 'x-github-event': event, 'x-github-delivery': randomUUID(), 'x-hub-signature-256': signature };
  const headers = { 'content-type': 'application/json', ...about };
  return (await fetch(`${api.url}/webhooks/github`, { method: 'POST', body, headers })).status;
}

/** Inserts each repository of the examples with a task for each of its issues. */
async function insertManagedRepositories(sent: Example[]): Promise<void> {
  for (const forgeId of new Set(sent.map((example) => example.forgeId).filter((id) => id !== null))) {
    const repository = aRepository({ forge: 'github', forgeId: String(forgeId), intakeLabel: 'bug' });
    await api.repositories.RepositoryRepository.insert(repository);
    const numbers = sent.filter((example) => example.forgeId === forgeId).flatMap(({ issues }) => issues);
    for (const issueNumber of new Set(numbers)) {
      const sourceKey = `github:${forgeId}#${issueNumber}`;
      await api.repositories.TaskRepository.insert(
        aTask({ repositoryId: repository.id, source: 'github', sourceKey, issueNumber }),
      );
    }
  }
}

it('stores every public webhook example and handles it or ignores it with a reason', async () => {
  const sent = allExamples();
  expect(sent.length).toBeGreaterThan(300);
  await insertManagedRepositories(sent);
  for (const example of sent) expect(await send(example), example.event).toBe(202);
  const events = api.repositories.WebhookEventRepository;
  await vi.waitFor(async () => expect((await events.countByStatus()).pending ?? 0).toBe(0), { timeout: 50_000 });
  const counts = await events.countByStatus();
  const query = { page: 1, perPage: 200, sort: 'number', order: 'ASC', filters: { status: ['failed'] } } as const;
  const failed = (await events.list({ ...query, filters: { status: ['failed'] } })).data;
  expect(failed.map(({ event, action, detail }) => [event, action, detail])).toEqual([]);
  expect((counts.handled ?? 0) + (counts.ignored ?? 0)).toBe(sent.length);
  expect(counts.handled).toBeGreaterThan(5);
  const withoutDetail = (await events.list({ ...query, filters: {} })).data.filter(({ detail }) => !detail);
  expect(withoutDetail).toEqual([]);
});
