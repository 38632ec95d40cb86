import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS, PUBLIC, type RouteAccess } from './access.decorator';
import { ProtectedRows } from './protected-rows.service';

const PATH = 'path';

/** Prevents the start if a route has no access rule, or none for the row of its `:id`. */
@Injectable()
export class RouteAccessCheck implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ProtectedRows) private readonly rows: ProtectedRows,
  ) {}

  onModuleInit(): void {
    const errors = this.discovery.getControllers().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const methods = metatype.prototype as Record<string, object>;
      return this.scanner.getAllMethodNames(methods).flatMap((name) => {
        const error = this.errorOf(metatype, methods[name]!);
        return error ? [`${metatype.name}.${name} ${error}`] : [];
      });
    });
    if (errors.length > 0) throw new Error(`Routes without access rules: ${errors.join('; ')}`);
  }

  private errorOf(controller: object, method: object): string | null {
    const path = Reflect.getMetadata(PATH, method) as string | undefined;
    if (path === undefined) return null;
    const targets = [method, controller] as Parameters<Reflector['getAllAndOverride']>[1];
    if (this.reflector.getAllAndOverride(PUBLIC, targets)) return null;
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ACCESS, targets);
    if (!access) return 'needs @Can(...) or @Public()';
    const { of } = access;
    if (path.includes(':id') && !of) return 'has an :id and needs `of`';
    if (of && of !== 'own' && !this.rows.has(of)) return `has an :id of ${of}, for which there is no finder`;
    return null;
  }
}
