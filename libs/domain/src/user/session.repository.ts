import type { Session, SignInLink } from './session';

/** Stores sessions and one-time sign-in links. */
export interface SessionRepository {
  insert(session: Session): Promise<void>;
  findByTokenHash(tokenHash: string): Promise<Session | null>;
  findById(id: string): Promise<Session | null>;
  /** Returns the sessions of a user, most recently used first. */
  findByUser(userId: string): Promise<Session[]>;
  /** Sets `lastUsedAt`. */
  touch(id: string, at: Date): Promise<void>;
  delete(id: string): Promise<void>;
  /** Deletes all sessions and unused sign-in links of a user, except the session `except`. */
  deleteByUser(userId: string, except?: string): Promise<void>;
  insertLink(link: SignInLink): Promise<void>;
  /** Atomically marks an unused, unexpired link as used and returns it, or null if there is none. */
  useLink(tokenHash: string, now: Date): Promise<SignInLink | null>;
}

export const SessionRepository = Symbol('SessionRepository');
