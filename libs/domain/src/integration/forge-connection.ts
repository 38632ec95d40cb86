import type { Page } from '@teko/contracts';
import type { ExternalRepository } from './external-repository';
import type { ExternalUser } from './external-user';

/** Result of one diagnostic check of a connection. */
export interface Diagnosis {
  /** Name of the check: `credential`, `permissions`, `webhook`, `clock`, `reachability`. */
  name: string;
  ok: boolean;
  /** Result of the check. */
  detail: string;
  /** How to fix the problem; null if there is none. */
  remedy: string | null;
}

/** The configured connection to a forge. */
export interface ForgeConnection {
  /** How Teko authenticates; null if no connection is configured. */
  readonly kind: 'app' | 'token' | null;
  /** Returns Teko's own account on the forge. */
  self(): Promise<ExternalUser>;
  /** Returns the repositories that the connection can access, sorted by name. `q` searches name and description. */
  repositories(query: { q?: string; page: number; perPage: number }): Promise<Page<ExternalRepository>>;
  /** Returns a repository by its current or a former `owner/name`, or null if it is not accessible. */
  repository(forgeName: string): Promise<ExternalRepository | null>;
  /** Runs all diagnostic checks. Never throws. */
  diagnose(): Promise<Diagnosis[]>;
}

export const ForgeConnection = Symbol('ForgeConnection');
