import type { Session, SignInLink } from './session';

/** Stores sessions and one-time sign-in links. */
export interface SessionRepository {
  insert(session: Session): Promise<void>;
  findByTokenHash(tokenHash: string): Promise<Session | null>;
  findById(id: string): Promise<Session | null>;
  /** Newest use first. */
  findByUser(userId: string): Promise<Session[]>;
  touch(id: string, at: Date): Promise<void>;
  delete(id: string): Promise<void>;
  /** Deletes all sessions and unused links of a user, but for the session `except`. */
  deleteByUser(userId: string, except?: string): Promise<void>;
  insertLink(link: SignInLink): Promise<void>;
  /** One atomic statement: marks an unused, unexpired link as used; null when there is none. */
  useLink(tokenHash: string, now: Date): Promise<SignInLink | null>;
}

export const SessionRepository = Symbol('SessionRepository');
