import { SetMetadata } from '@nestjs/common';
import type { Action, Subject } from '@teko/contracts';

export const ACCESS = 'teko:access';
export const PUBLIC = 'teko:public';

/** The access rule of a route. */
export interface RouteAccess {
  action: Action;
  subject: Subject;
  /** The subject of `:id`, which is checked before the route runs; `own` if the route itself restricts access to the caller's rows. */
  of?: Subject | 'own';
}

/** Sets the permission that a route requires. */
export const Can = (access: RouteAccess) => SetMetadata(ACCESS, access);

/** Makes a route accessible without sign-in. */
export const Public = () => SetMetadata(PUBLIC, true);
