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

/** Asks again, before anything leaves Teko, whether who asked for the work and who for the run still may. */
@Injectable()
export class Requester {
  constructor(
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(AccountRepository) private readonly accounts: AccountRepository,
    @Inject(Forge) private readonly forge: Forge,
    @Inject(AccessReader) private readonly access: AccessReader,
  ) {}

  /** Throws `forbidden`: by Teko's roles, and by the forge where the requester has an account there. */
  async requirePermission(task: Task, run: Run, repository: Repository): Promise<void> {
    const asked = [task.createdById, run.requestedById].filter((id) => id !== null);
    for (const id of new Set(asked)) await this.requirePermissionOf(id, repository);
    if (task.requestedBy) await this.requireForgePermission(task.requestedBy, repository);
  }

  /** Throws `forbidden`. */
  async requirePermissionOf(userId: string, repository: Repository): Promise<void> {
    const user = await this.users.findById(userId);
    const access = user && !user.disabled ? await this.access.accessOf(user) : null;
    if (!user || !access || !allows(access, 'create:Task', repository.id)) {
      throw new DomainError(
        'forbidden',
        `${user?.name ?? 'Who asked for this'} may not change ${repository.name} any more.`,
      );
    }
    for (const { provider, login } of await this.accounts.findByUser(user.id))
      if (provider === repository.forge) await this.requireForgePermission(login, repository);
  }

  private async requireForgePermission(login: string, repository: Repository): Promise<void> {
    const right = await this.forge.permissionOf(repository, login);
    if (right === 'none' || right === 'read')
      throw new DomainError('forbidden', `${login} may not write to ${repository.name} on the forge.`);
  }
}
