import { NotFoundError } from '@teko/domain';
import { expect, it } from 'vitest';
import { aCodeIndex, BUILT_AT } from '../builders';
import { describePort, type MakeRepositories } from './fixture';

const at = (minutes: number) => new Date(BUILT_AT.getTime() + minutes * 60_000);

/** The contract of CodeIndexRepository. Rows of finished tests are due in the far future. */
export function codeIndexContract(name: string, make: MakeRepositories): void {
  describePort('CodeIndexRepository', name, make, (get) => {
    const port = () => get().repositories.CodeIndexRepository;
    const never = new Date('2999-01-01T00:00:00.000Z');
    const requested = async (overrides: Parameters<typeof aCodeIndex>[0] = {}) => {
      const { id: repositoryId } = await get().repository();
      return port().request(aCodeIndex({ repositoryId, ...overrides }));
    };

    it('stores one index per repository and requests it again', async () => {
      const index = await requested({ status: 'ready', commit: 'one', dueAt: never, attempts: 3 });
      expect(await port().findByRepository(index.repositoryId)).toEqual(index);
      expect((await port().findReady()).map(({ id }) => id)).toContain(index.id);
      const again = await port().request(
        aCodeIndex({ repositoryId: index.repositoryId, dueAt: at(5), updatedAt: at(5) }),
      );
      expect(again).toEqual({ ...index, status: 'pending', dueAt: at(5), updatedAt: at(5), attempts: 0 });
      await port().update(index.id, { status: 'ready', dueAt: never });
    });

    it('leases an index to one owner, and to another after the lease expired', async () => {
      const first = await requested({ dueAt: at(1) });
      const second = await requested({ dueAt: at(2) });
      expect(await port().claim(at(0), 'a', 1000)).toBeNull();
      const claimed = await port().claim(at(3), 'a', 60_000);
      expect(claimed).toMatchObject({ id: first.id, status: 'indexing', leaseOwner: 'a', leaseExpiresAt: at(4) });
      expect((await port().claim(at(3), 'b', 60_000))?.id).toBe(second.id);
      expect(await port().claim(at(3), 'c', 60_000)).toBeNull();
      const taken = await port().claim(at(5), 'c', 60_000);
      expect(taken).toMatchObject({ id: first.id, leaseOwner: 'c', attempts: 1 });
      expect(await port().updateClaimed(first.id, 'a', { doneFiles: 9 })).toBeNull();
      expect(await port().updateClaimed(first.id, 'c', { doneFiles: 9 })).toMatchObject({ doneFiles: 9 });
      await port().updateClaimed(first.id, 'c', { status: 'ready', dueAt: never });
      expect(await port().updateClaimed(first.id, 'c', { doneFiles: 1 }), 'it is finished').toBeNull();
      await port().updateClaimed(second.id, 'b', { status: 'ready', dueAt: never });
    });

    it('ends the leases of dead owners', async () => {
      const index = await requested({ dueAt: at(1) });
      await port().claim(at(1), 'dead', 60_000);
      expect(await port().leaseOwners()).toContain('dead');
      await port().expireLeases(['dead', 'nobody'], at(1));
      expect(await port().claim(at(1), 'b', 60_000)).toMatchObject({ id: index.id, leaseOwner: 'b', attempts: 1 });
      expect(await port().leaseOwners()).not.toContain('dead');
      await port().updateClaimed(index.id, 'b', { status: 'ready', dueAt: never });
    });

    it('continues active indexing when it is requested again, even after a cancel request', async () => {
      const index = await requested({ dueAt: at(1) });
      const claimed = await port().claim(at(1), 'a', 60_000);
      const again = () => port().request(aCodeIndex({ repositoryId: index.repositoryId, dueAt: at(9) }));
      expect(await again()).toEqual(claimed);
      await port().update(index.id, { cancelRequestedAt: at(2) });
      expect(await again()).toEqual(claimed);
      await port().updateClaimed(index.id, 'a', { status: 'failed', dueAt: never });
    });

    it('is deleted with its repository, and rejects an unknown repository', async () => {
      const index = await requested({ dueAt: never });
      await get().repositories.RepositoryRepository.delete(index.repositoryId);
      expect(await port().findByRepository(index.repositoryId)).toBeNull();
      await expect(port().request(aCodeIndex())).rejects.toThrow(NotFoundError);
    });
  });
}
