import type { Permission } from '@teko/contracts';

/** A named set of permissions. */
export interface Role {
  id: string;
  name: string;
  description: string;
  permissions: Permission[];
  /** Built-in roles cannot be changed. */
  builtIn: boolean;
  createdAt: Date;
  updatedAt: Date;
}
