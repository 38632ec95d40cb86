import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Subject } from '@teko/contracts';
import { ACCESS, type IdentifiedRequest, type RouteAccess } from '@teko/identity';
import { AuditLog, UnitOfWork } from '@teko/platform';
import type { Request } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { AuditSanitizer } from './audit-sanitizer';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
type AuditedRequest = Request & IdentifiedRequest;

/**
 * Records every change made through the API in the audit log, with the row before the change and the response, in the
 * transaction of the change: neither is stored without the other.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AuditLog) private readonly log: AuditLog,
    @Inject(AuditSanitizer) private readonly sanitizer: AuditSanitizer,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<AuditedRequest>();
    const { identity } = request;
    const access = this.reflector.get<RouteAccess | undefined>(ACCESS, context.getHandler());
    if (SAFE_METHODS.includes(request.method) || !identity || !access) return next.handle();
    // A POST that only reads, e.g. a search with a long query.
    if (access.action === 'read') return next.handle();
    const action = `${resourceOf(context)}.${context.getHandler().name}`;
    const change = async () => {
      const result: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.record(request, action, access, result);
      return result;
    };
    return from(this.unitOfWork.run(change));
  }

  private async record(request: AuditedRequest, action: string, access: RouteAccess, result: unknown): Promise<void> {
    const { user, apiToken } = request.identity!;
    const before = request.protectedRow;
    const row = (typeof result === 'object' ? result : null) as { id?: string; repositoryId?: string } | null;
    await this.log.record({
      actorId: user.id,
      actorName: user.name,
      apiTokenId: apiToken?.id ?? null,
      address: request.ip?.slice(0, 40) ?? null,
      action,
      subjectType: subjectOf(access),
      subjectId:
        ((before?.row as { id: string } | undefined)?.id ?? row?.id ?? String(request.params.id ?? '').slice(0, 36)) ||
        null,
      repositoryId: before?.repositoryId ?? (access.subject === 'Repository' ? row?.id : row?.repositoryId) ?? null,
      before: this.sanitizer.sanitize(before?.row ?? null),
      after: this.sanitizer.sanitize(row),
    });
  }
}

function subjectOf({ subject, of }: RouteAccess): Subject {
  return of && of !== 'own' ? of : subject;
}

/** Returns the resource of a controller, e.g. `api-tokens` for `ApiTokensController`. */
function resourceOf(context: ExecutionContext): string {
  const words = context
    .getClass()
    .name.replace(/Controller$/, '')
    .match(/[A-Z][a-z]*/g)!;
  return words.join('-').toLowerCase();
}
