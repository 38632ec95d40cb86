import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError, type AuditLogEntry } from '@teko/domain';
import { expect, it } from 'vitest';
import {
  aRepositoryGrant,
  aRole,
  aSession,
  aSignInLink,
  aUser,
  anAccount,
  anApiToken,
  anAuditLogEntry,
} from '../access-builders';
import { BUILT_AT } from '../builders';
import { describePort, listQuery, type Fixture, type MakeRepositories } from './fixture';

const LATER = new Date(BUILT_AT.getTime() + 60_000);

async function storedUser({ repositories }: Fixture, overrides: Parameters<typeof aUser>[0] = {}) {
  const user = aUser({ roles: ['viewer'], ...overrides });
  await repositories.UserRepository.insert(user);
  return user;
}

/** The contract of UserRepository. */
export function userContract(name: string, make: MakeRepositories): void {
  describePort('UserRepository', name, make, (get) => {
    const port = () => get().repositories.UserRepository;

    it('finds the oldest admin that is not disabled', async () => {
      const ancient = (year: number) => new Date(Date.UTC(year, 0, 1));
      const oldest = aUser({ createdAt: ancient(1982), roles: ['developer', 'admin'] });
      await port().insert(aUser({ createdAt: ancient(1983) }));
      await port().insert(oldest);
      await port().insert(aUser({ createdAt: ancient(1980), disabled: true }));
      await port().insert(aUser({ createdAt: ancient(1981), roles: ['viewer'] }));
      expect(await port().findFirstAdmin()).toEqual(oldest);
    });

    it('finds users by email address, counts them by role and lists them', async () => {
      const role = `role-${randomUUID()}`.slice(0, 30);
      const user = await storedUser(get(), { email: `${randomUUID()}@example.org`, roles: ['viewer', role] });
      await storedUser(get(), { roles: [role], disabled: true });
      expect(await port().findByEmail(user.email!)).toEqual(user);
      expect(await port().countWithRole(role)).toBe(1);
      expect((await port().list(listQuery({ q: user.email!, sort: 'email' }))).data).toEqual([user]);
      expect(await port().update(user.id, { name: 'Grace' })).toEqual({ ...user, name: 'Grace' });
      await port().delete(user.id);
      expect(await port().findById(user.id)).toBeNull();
    });

    it('rejects a duplicate email address but allows several users without one', async () => {
      const user = aUser({ email: `${randomUUID()}@example.org` });
      await port().insert(user);
      expect(await port().findById(user.id)).toEqual(user);
      await expect(port().insert(aUser({ email: user.email }))).rejects.toThrow(ConflictError);
      await port().insert(aUser({ email: null }));
      await port().insert(aUser({ email: null }));
    });
  });
}

/** The contract of SessionRepository. */
export function sessionContract(name: string, make: MakeRepositories): void {
  describePort('SessionRepository', name, make, (get) => {
    const port = () => get().repositories.SessionRepository;
    const user = async () => (await storedUser(get())).id;

    it('stores a session until it is deleted', async () => {
      const session = aSession({ userId: await user(), userAgent: 'x'.repeat(600) });
      await port().insert(session);
      await port().touch(session.id, LATER);
      expect(await port().findByTokenHash(session.tokenHash)).toEqual({ ...session, lastUsedAt: LATER });
      await port().delete(session.id);
      expect(await port().findByTokenHash(session.tokenHash)).toBeNull();
      await expect(port().touch(session.id, LATER)).rejects.toThrow(NotFoundError);
      await expect(port().insert(aSession())).rejects.toThrow(NotFoundError);
    });

    it('deletes all sessions and unused sign-in links of a user except one session', async () => {
      const userId = await user();
      const [kept, gone] = [aSession({ userId }), aSession({ userId, lastUsedAt: LATER })];
      const link = aSignInLink({ userId });
      for (const session of [kept, gone]) await port().insert(session);
      await port().insertLink(link);
      expect((await port().findByUser(userId)).map(({ id }) => id)).toEqual([gone.id, kept.id]);
      await port().deleteByUser(userId, kept.id);
      expect(await port().findByUser(userId)).toEqual([kept]);
      expect(await port().findById(gone.id)).toBeNull();
      expect(await port().useLink(link.tokenHash, BUILT_AT)).toBeNull();
      await port().deleteByUser(userId);
      expect(await port().findByUser(userId)).toEqual([]);
    });

    it('uses a sign-in link once and rejects an expired one', async () => {
      const link = aSignInLink({ userId: await user() });
      await port().insertLink(link);
      const uses = await Promise.all([1, 2, 3].map(() => port().useLink(link.tokenHash, BUILT_AT)));
      expect(uses.filter(Boolean)).toEqual([{ ...link, usedAt: BUILT_AT }]);
      const ended = aSignInLink({ userId: link.userId, expiresAt: BUILT_AT });
      await port().insertLink(ended);
      expect(await port().useLink(ended.tokenHash, BUILT_AT)).toBeNull();
      expect(await port().useLink('none', BUILT_AT)).toBeNull();
      await expect(port().insertLink({ ...ended, id: randomUUID() })).rejects.toThrow(ConflictError);
    });
  });
}

/** The contract of RoleRepository. */
export function roleContract(name: string, make: MakeRepositories): void {
  describePort('RoleRepository', name, make, (get) => {
    const port = () => get().repositories.RoleRepository;

    it('stores roles with unique names', async () => {
      const [one, two] = [aRole({ permissions: ['read:Task', 'manage:all'] }), aRole()];
      for (const role of [one, two]) await port().insert(role);
      expect(await port().findByNames([one.name, 'none'])).toEqual([one]);
      expect(await port().findByNames([])).toEqual([]);
      await expect(port().insert(aRole({ name: one.name }))).rejects.toThrow(ConflictError);
      expect(await port().update(two.id, { permissions: [] })).toMatchObject({ permissions: [], name: two.name });
      expect((await port().list(listQuery({ q: two.name, sort: 'name' }))).total).toBe(1);
      await port().delete(one.id);
      expect(await port().findById(one.id)).toBeNull();
    });
  });
}

/** The contract of RepositoryGrantRepository. */
export function repositoryGrantContract(name: string, make: MakeRepositories): void {
  describePort('RepositoryGrantRepository', name, make, (get) => {
    const port = () => get().repositories.RepositoryGrantRepository;

    it('grants a user one role per repository until either is deleted', async () => {
      const { id: userId } = await storedUser(get());
      const [kept, gone] = [await get().repository(), await get().repository()];
      const role = `role-${randomUUID()}`.slice(0, 30);
      const grant = aRepositoryGrant({ userId, repositoryId: kept.id, role });
      await port().insert(grant);
      await port().insert(aRepositoryGrant({ userId, repositoryId: gone.id, role }));
      await expect(port().insert({ ...grant, id: randomUUID() })).rejects.toThrow(ConflictError);
      await expect(port().insert(aRepositoryGrant({ userId }))).rejects.toThrow(NotFoundError);
      expect(await port().countWithRole(role)).toBe(2);
      await get().repositories.RepositoryRepository.delete(gone.id);
      expect(await port().findByUser(userId)).toEqual([grant]);
      expect((await port().list(listQuery({ filters: { userId: [userId] } }))).data).toEqual([grant]);
      await get().repositories.UserRepository.delete(userId);
      expect(await port().findById(grant.id)).toBeNull();
    });
  });
}

/** The contract of AccountRepository. */
export function accountContract(name: string, make: MakeRepositories): void {
  describePort('AccountRepository', name, make, (get) => {
    const port = () => get().repositories.AccountRepository;

    it('stores each account of a provider once', async () => {
      const account = anAccount({ userId: (await storedUser(get())).id });
      await port().insert(account);
      expect(await port().find('github', account.subject)).toEqual(account);
      expect(await port().find('google', account.subject)).toBeNull();
      const second = anAccount({ subject: account.subject, userId: (await storedUser(get())).id });
      await expect(port().insert(second)).rejects.toThrow(ConflictError);
      expect(await port().findByUser(account.userId)).toEqual([account]);
      await port().delete(account.id);
      expect(await port().findById(account.id)).toBeNull();
    });
  });
}

/** The contract of ApiTokenRepository. */
export function apiTokenContract(name: string, make: MakeRepositories): void {
  describePort('ApiTokenRepository', name, make, (get) => {
    const port = () => get().repositories.ApiTokenRepository;

    it('finds a token by its hash until it is deleted', async () => {
      const { id: userId } = await storedUser(get());
      const token = anApiToken({ userId });
      await port().insert(token);
      await port().touch(token.id, LATER);
      expect(await port().findByTokenHash(token.tokenHash)).toEqual({ ...token, lastUsedAt: LATER });
      expect((await port().list(listQuery({ filters: { userId: [userId] } }))).total).toBe(1);
      await port().delete(token.id);
      expect(await port().findByTokenHash(token.tokenHash)).toBeNull();
      expect(await port().findById(token.id)).toBeNull();
    });
  });
}

/** The contract of AuditLogEntryRepository. */
export function auditLogEntryContract(name: string, make: MakeRepositories): void {
  describePort('AuditLogEntryRepository', name, make, (get) => {
    const port = () => get().repositories.AuditLogEntryRepository;
    const hash = (entry: Omit<AuditLogEntry, 'hash'>) => `${entry.id} after ${entry.previousHash.split(' ')[0]}`;

    it('chains concurrent entries without gaps', async () => {
      const before = await port().head();
      const entries = Array.from({ length: 12 }, (_, n) => anAuditLogEntry({ actorName: `actor ${n}` }));
      await Promise.all(entries.map((entry) => port().append(entry, hash)));
      const stored = await port().findAfter(before.lastId, 100);
      expect(stored.map(({ id }) => id)).toEqual(entries.map((_, n) => before.lastId + n + 1));
      expect(new Set(stored.map(({ actorName }) => actorName)).size).toBe(12);
      for (const [n, entry] of stored.entries()) {
        expect(entry.previousHash).toBe(n === 0 ? before.lastHash : stored[n - 1]!.hash);
        expect(entry.hash).toBe(hash(entry));
      }
      expect(await port().head()).toEqual({ lastId: stored.at(-1)!.id, lastHash: stored.at(-1)!.hash });
      expect(await port().findById(stored[3]!.id)).toEqual(stored[3]);
      expect((await port().findAfter(stored[3]!.id, 2)).map(({ id }) => id)).toEqual([stored[4]!.id, stored[5]!.id]);
    });

    it('lists entries by subject', async () => {
      const subjectId = randomUUID();
      await port().append(anAuditLogEntry({ subjectId, action: 'tasks.update' }), hash);
      const { data } = await port().list(listQuery({ sort: 'id', filters: { subjectId: [subjectId] } }));
      expect(data).toMatchObject([{ subjectId, action: 'tasks.update', after: { title: 'Ünï' } }]);
    });
  });
}
