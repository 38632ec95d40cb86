import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Subject } from '@teko/contracts';
import { readableWithin, type IdentifiedRequest } from '@teko/identity';

/** The repositories whose rows of this kind the caller may read, as a parameter of a controller's method; undefined is all. */
export const ReadableWithin = createParamDecorator((subject: Subject, context: ExecutionContext) => {
  const { identity } = context.switchToHttp().getRequest<IdentifiedRequest>();
  return identity ? readableWithin(identity.ability, subject) : [];
});
