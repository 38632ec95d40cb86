import type { Permission } from '@teko/contracts';

/** What users may do, under a name. */
export interface Role {
  id: string;
  name: string;
  description: string;
  permissions: Permission[];
  /** Comes with Teko and stays as it is. */
  seeded: boolean;
  createdAt: Date;
  updatedAt: Date;
}
