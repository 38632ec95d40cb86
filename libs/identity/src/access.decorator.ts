import { SetMetadata } from '@nestjs/common';
import type { Action, Subject } from '@teko/contracts';

export const ACCESS = 'teko:access';
export const PUBLIC = 'teko:public';

/** What a route asks of its caller. */
export interface RouteAccess {
  action: Action;
  subject: Subject;
  /** The noun that `:id` names, checked before the route runs; `own` where the route itself looks for what is the caller's. */
  of?: Subject | 'own';
}

/** The permission that a route needs. */
export const Can = (access: RouteAccess) => SetMetadata(ACCESS, access);

/** A route that anybody may call. */
export const Public = () => SetMetadata(PUBLIC, true);
