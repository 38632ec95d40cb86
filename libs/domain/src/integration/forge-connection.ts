import type { Page } from '@teko/contracts';
import type { ExternalRepository } from './external-repository';
import type { ExternalUser } from './external-user';

/** What stands between a connection and its use, found by trying. */
export interface Diagnosis {
  /** What was looked at: `credential`, `permissions`, `webhook`, `clock`, `reachability`. */
  name: string;
  ok: boolean;
  /** What was found. */
  detail: string;
  /** What to do about it; null where it is right. */
  remedy: string | null;
}

/** The way to a forge, as it is set up. */
export interface ForgeConnection {
  /** `app`, `token`, or null where none is set up. */
  readonly kind: 'app' | 'token' | null;
  /** Who Teko is there. */
  self(): Promise<ExternalUser>;
  /** Repositories that it can see, by name; `q` looks in name and description. */
  repositories(query: { q?: string; page: number; perPage: number }): Promise<Page<ExternalRepository>>;
  /** By `owner/name`, also by one that it had before; null where it cannot be seen. */
  repository(forgeName: string): Promise<ExternalRepository | null>;
  /** Tries everything that can be wrong. Never throws. */
  diagnose(): Promise<Diagnosis[]>;
}

export const ForgeConnection = Symbol('ForgeConnection');
