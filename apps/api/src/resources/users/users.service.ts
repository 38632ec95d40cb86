import { Inject, Injectable } from '@nestjs/common';
import { ROLES } from '@teko/contracts';
import { Clock, ConflictError, Ids, InvalidError, RoleRepository, UserRepository, type User } from '@teko/domain';
import { AccessService, SessionService, type Identity } from '@teko/identity';
import { findOrThrow } from '../../http/find-or-throw';
import type { CreateUserDto, UpdateUserDto } from './user.dto';

/** Manages users and their roles. Nobody can grant permissions they do not have, and the last admin cannot be removed. */
@Injectable()
export class UsersService {
  constructor(
    @Inject(UserRepository) private readonly users: UserRepository,
    @Inject(RoleRepository) private readonly roles: RoleRepository,
    @Inject(AccessService) private readonly access: AccessService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  async create({ name, email, roles = [] }: CreateUserDto, caller: Identity): Promise<User> {
    await this.checkRoles(roles, caller);
    const now = this.clock.now();
    const user: User = {
      id: this.ids.next(),
      name: name.trim(),
      email: await this.freeAddress(email),
      roles,
      passwordHash: null,
      disabled: false,
      createdAt: now,
      updatedAt: now,
    };
    await this.users.insert(user);
    return user;
  }

  /** Updates a user. Ends the user's sessions if their roles change or they are disabled. */
  async update(id: string, patch: UpdateUserDto, caller: Identity): Promise<User> {
    const user = await findOrThrow('user', id, this.users.findById(id));
    await this.access.requireManageable(caller, user);
    if (patch.roles) await this.checkRoles(patch.roles, caller);
    const removesAdmin = patch.disabled === true || (patch.roles !== undefined && !patch.roles.includes('admin'));
    if (removesAdmin) await this.requireAnotherAdmin(user);
    const updated = await this.users.update(id, {
      ...(patch.name !== undefined && { name: patch.name.trim() }),
      ...(patch.email !== undefined && { email: await this.freeAddress(patch.email, id) }),
      ...(patch.roles !== undefined && { roles: patch.roles }),
      ...(patch.disabled !== undefined && { disabled: patch.disabled }),
      updatedAt: this.clock.now(),
    });
    const changed = patch.disabled || [...updated.roles].sort().join() !== [...user.roles].sort().join();
    if (changed) await this.sessions.endAll(id);
    return updated;
  }

  async remove(id: string, caller: Identity): Promise<void> {
    const user = await findOrThrow('user', id, this.users.findById(id));
    await this.access.requireManageable(caller, user);
    if (id === caller.user.id) throw new ConflictError('you cannot delete yourself');
    await this.requireAnotherAdmin(user);
    await this.users.delete(id);
  }

  async signInLink(id: string, caller: Identity): Promise<{ token: string; expiresAt: Date }> {
    const user = await findOrThrow('user', id, this.users.findById(id));
    await this.access.requireManageable(caller, user);
    if (user.disabled) throw new ConflictError(`${user.name} is disabled`);
    return this.sessions.createSignInLink(id);
  }

  private async checkRoles(names: string[], caller: Identity): Promise<void> {
    const stored = (await this.roles.findByNames(names)).map(({ name }) => name);
    const unknown = names.find((name) => !stored.includes(name) && !(ROLES as readonly string[]).includes(name));
    if (unknown) throw new InvalidError({ roles: `role ${unknown} does not exist` });
    await this.access.requireGrantableRoles(caller, names);
  }

  private async freeAddress(email: string | null | undefined, id?: string): Promise<string | null> {
    if (!email) return null;
    const address = email.trim().toLowerCase();
    const taken = await this.users.findByEmail(address);
    if (taken && taken.id !== id) throw new InvalidError({ email: `${taken.name} already has this address` });
    return address;
  }

  private async requireAnotherAdmin(user: User): Promise<void> {
    if (user.disabled || !user.roles.includes('admin')) return;
    if ((await this.users.countWithRole('admin')) <= 1) {
      throw new ConflictError('this is the only admin; create another one first');
    }
  }
}
