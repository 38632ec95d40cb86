import type { Access } from '@teko/contracts';
import type { ApiToken, Session, User } from '@teko/domain';
import type { TekoAbility } from './ability';

/** Who calls, by a session or by a token, and what they may do. */
export interface Identity {
  user: User;
  session: Session | null;
  apiToken: ApiToken | null;
  access: Access;
  ability: TekoAbility;
}
