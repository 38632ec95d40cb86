import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Subject } from '@teko/contracts';
import { readableRepositoryIds, type IdentifiedRequest } from '@teko/identity';

/** Controller parameter: ids of the repositories whose rows of this subject the caller can read; undefined means all. */
export const ReadableWithin = createParamDecorator((subject: Subject, context: ExecutionContext) => {
  const { identity } = context.switchToHttp().getRequest<IdentifiedRequest>();
  return identity ? readableRepositoryIds(identity.ability, subject) : [];
});
