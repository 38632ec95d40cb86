import { Inject, Injectable } from '@nestjs/common';
import { allows } from '@teko/contracts';
import {
  AccountRepository,
  DomainError,
  Forge,
  UserRepository,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import { AccessReader } from '@teko/platform';

/** Checks before delivery that the requesters of the task and of the run still have permission. */
@Injectable()
export class Requester {
  constructor(
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(AccountRepository) private readonly accounts: AccountRepository,
    @Inject(Forge) private readonly forge: Forge,
    @Inject(AccessReader) private readonly access: AccessReader,
  ) {}

  /** Throws `forbidden` if a requester lacks permission in Teko, or on the forge if they have an account there. */
  async requirePermission(task: Task, run: Run, repository: Repository): Promise<void> {
    const requesterIds = [task.createdById, run.requestedById].filter((id) => id !== null);
    for (const id of new Set(requesterIds)) await this.requirePermissionOf(id, repository);
    if (task.requestedBy) await this.requireForgePermission(task.requestedBy, repository);
  }

  /** Throws `forbidden` if the user is not allowed to change the repository. */
  async requirePermissionOf(userId: string, repository: Repository): Promise<void> {
    const user = await this.users.findById(userId);
    const access = user && !user.disabled ? await this.access.accessOf(user) : null;
    if (!user || !access || !allows(access, 'create:Task', repository.id)) {
      throw new DomainError(
        'forbidden',
        `${user?.name ?? 'The requester'} is no longer allowed to change ${repository.name}.`,
      );
    }
    for (const { provider, login } of await this.accounts.findByUser(user.id))
      if (provider === repository.forge) await this.requireForgePermission(login, repository);
  }

  private async requireForgePermission(login: string, repository: Repository): Promise<void> {
    const permission = await this.forge.permissionOf(repository, login);
    if (permission === 'none' || permission === 'read')
      throw new DomainError('forbidden', `${login} does not have write access to ${repository.name} on the forge.`);
  }
}
