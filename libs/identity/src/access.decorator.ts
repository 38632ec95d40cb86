import { SetMetadata } from '@nestjs/common';
import type { Action, Subject } from '@teko/contracts';

export const CAN = 'teko:can';
export const PUBLIC = 'teko:public';

export type Permission = [Action, Subject];

/** The permission that a route needs. */
export const Can = (action: Action, subject: Subject) => SetMetadata(CAN, [action, subject] satisfies Permission);

/** A route that anybody may call. */
export const Public = () => SetMetadata(PUBLIC, true);
