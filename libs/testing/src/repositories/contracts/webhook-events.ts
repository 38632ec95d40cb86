import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError, type WebhookEvent, type WebhookEventRepository } from '@teko/domain';
import { beforeEach, expect, it } from 'vitest';
import { BUILT_AT as NOW } from '../builders';
import { aWebhookEvent } from '../integration-builders';
import { describePort, listQuery, type MakeRepositories } from './fixture';

const TTL = 30_000;
const after = (ms: number) => new Date(NOW.getTime() + ms);
const SUBJECTS = 5;
const EVENTS = 20;
/** Ends the test if not all events can be claimed. */
const MAX_TURNS = 2_000;

/** The contract of WebhookEventRepository. */
export function webhookEventContract(name: string, make: MakeRepositories): void {
  describePort('WebhookEventRepository', name, make, (get) => {
    const port = () => get().repositories.WebhookEventRepository;
    const stored = async (overrides: Partial<WebhookEvent> = {}) => {
      const event = aWebhookEvent(overrides);
      await port().insert(event);
      return (await port().findById(event.id))!;
    };
    const claimedId = async (now = NOW) => (await port().claim(now, TTL))?.id ?? null;

    beforeEach(async () => {
      const { data } = await port().list(listQuery({ sort: 'number', perPage: 200, filters: { status: ['pending'] } }));
      for (const { id } of data) await port().update(id, { status: 'failed' });
    });

    it('stores a delivery once, also concurrently, and returns it unchanged', async () => {
      const payload = JSON.stringify({ body: 'ü 🎉 '.repeat(50_000) });
      const event = aWebhookEvent({
        payload,
        repositoryId: randomUUID(),
        leaseExpiresAt: after(1),
        handledAt: after(2),
      });
      const again = () => port().insert({ ...event, id: randomUUID() });
      expect(await port().insert(event)).toBe(true);
      expect(await port().findById(event.id)).toEqual({ ...event, number: expect.any(Number) as number });
      expect(await again()).toBe(false);
      const deliveryId = randomUUID();
      const results = await Promise.all([1, 2, 3].map(() => port().insert(aWebhookEvent({ deliveryId }))));
      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await port().list(listQuery({ sort: 'number', q: deliveryId }))).total).toBe(1);
      await expect(port().insert({ ...event, deliveryId: randomUUID() })).rejects.toThrow(ConflictError);
      expect(await port().findById('none')).toBeNull();
    });

    it('numbers events in order of arrival', async () => {
      const [first, second] = [await stored(), await stored()];
      expect(second.number).toBeGreaterThan(first.number);
      await Promise.all(Array.from({ length: 30 }, () => port().insert(aWebhookEvent({ subject: 'many' }))));
      const { data } = await port().list(listQuery({ sort: 'number', q: 'many' }));
      expect(new Set(data.map(({ number }) => number)).size).toBe(30);
      expect(data.every(({ number }) => number > second.number)).toBe(true);
    });

    it('leases the oldest event once for a limited time and counts the attempts', async () => {
      const [first, second] = [await stored(), await stored()];
      expect(await port().claim(NOW, TTL)).toEqual({ ...first, attempts: 1, leaseExpiresAt: after(TTL) });
      expect(await claimedId()).toBe(second.id);
      expect(await claimedId()).toBeNull();
      expect(await claimedId(after(TTL)), 'leased until the last millisecond').toBeNull();
      expect(await port().claim(after(TTL + 1), TTL)).toMatchObject({ id: first.id, attempts: 2 });
    });

    it('leases no event of a subject while an earlier one is pending', async () => {
      const subject = randomUUID();
      const first = await stored({ subject, dueAt: after(60_000) });
      const second = await stored({ subject });
      const other = await stored();
      expect(await claimedId()).toBe(other.id);
      expect(await claimedId(), 'the first is not due, the second is after it').toBeNull();
      await port().update(other.id, { status: 'handled' });
      expect(await claimedId(after(60_000))).toBe(first.id);
      expect(await claimedId(after(60_000)), 'the first is being handled').toBeNull();
      await port().update(first.id, { status: 'failed' });
      expect(await claimedId(after(60_000))).toBe(second.id);
    });

    it('leases each event to one of several concurrent claimers, in order per subject', async () => {
      await expectEachClaimedOnce([port(), port(), port(), port()]);
    });

    it('counts, lists and replays events', async () => {
      const before = await port().countByStatus();
      const event = await stored({ event: 'push', repositoryId: randomUUID(), receivedAt: after(5) });
      expect((await port().countByStatus())['pending']).toBe((before['pending'] ?? 0) + 1);
      const filters = { source: ['github'], event: ['push'], status: ['pending'], repositoryId: [event.repositoryId!] };
      for (const q of [event.deliveryId, event.subject])
        expect((await port().list(listQuery({ sort: 'receivedAt', q, filters }))).data).toEqual([event]);
      const handled = {
        status: 'handled',
        detail: 'nothing to do',
        leaseExpiresAt: null,
        handledAt: after(9),
      } as const;
      expect(await port().update(event.id, handled)).toEqual({ ...event, ...handled });
      expect(await claimedId(after(60_000))).toBeNull();
      await port().update(event.id, { status: 'pending' });
      expect(await claimedId(after(60_000))).toBe(event.id);
      await expect(port().update('none', handled)).rejects.toThrow(NotFoundError);
    });

    it('deletes only old handled and ignored events', async () => {
      const kept = [
        await stored({ status: 'pending' }),
        await stored({ status: 'failed', handledAt: after(1) }),
        await stored({ status: 'handled', handledAt: after(10) }),
      ];
      const gone = [
        await stored({ status: 'handled', handledAt: after(9) }),
        await stored({ status: 'ignored', handledAt: after(1) }),
      ];
      await port().prune(after(10));
      for (const { id } of gone) expect(await port().findById(id)).toBeNull();
      for (const event of kept) expect(await port().findById(event.id)).toEqual(event);
      const { number } = await stored();
      expect(number).toBeGreaterThan(gone[1]!.number);
    });

    it('is not deleted with its repository', async () => {
      const { id: repositoryId } = await get().repository();
      const event = await stored({ repositoryId });
      await get().repositories.RepositoryRepository.delete(repositoryId);
      expect(await port().findById(event.id)).toEqual(event);
    });
  });
}

/** Claims and handles events concurrently with all `claimers`. Expects each event to be claimed once and in order per subject. */
export async function expectEachClaimedOnce(claimers: WebhookEventRepository[]): Promise<void> {
  const tag = randomUUID();
  for (let n = 0; n < EVENTS; n++)
    await claimers[0]!.insert(aWebhookEvent({ deliveryId: `${tag}:${n}`, subject: `${tag}:${n % SUBJECTS}` }));
  const claimed: WebhookEvent[] = [];
  const activeSubjects = new Set<string>();
  const handle = async (port: WebhookEventRepository) => {
    for (let turn = 0; turn < MAX_TURNS && claimed.length < EVENTS; turn++) {
      const event = await port.claim(NOW, 1_000);
      if (event) {
        expect(activeSubjects, 'one of a subject at a time').not.toContain(event.subject);
        activeSubjects.add(event.subject);
        claimed.push(event);
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (!event) continue;
      // Before the update, because the next event of the subject can be claimed after it.
      activeSubjects.delete(event.subject);
      await port.update(event.id, { status: 'handled', leaseExpiresAt: null, handledAt: NOW });
    }
  };
  await Promise.all(claimers.map(handle));
  expect(new Set(claimed.map(({ id }) => id)).size, 'each once').toBe(EVENTS);
  expect(claimed.every(({ attempts }) => attempts === 1)).toBe(true);
  for (let subject = 0; subject < SUBJECTS; subject++) {
    const order = claimed.filter((event) => event.subject === `${tag}:${subject}`).map(({ number }) => number);
    expect(order, 'in order').toEqual([...order].sort((a, b) => a - b));
  }
}
