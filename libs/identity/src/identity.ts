import type { Access } from '@teko/contracts';
import type { ApiToken, Session, User } from '@teko/domain';
import type { TekoAbility } from './ability';

/** The caller of a request, authenticated by a session or an API token, with their permissions. */
export interface Identity {
  user: User;
  session: Session | null;
  apiToken: ApiToken | null;
  access: Access;
  ability: TekoAbility;
}
