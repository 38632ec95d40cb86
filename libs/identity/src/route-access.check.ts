import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS, PUBLIC, type RouteAccess } from './access.decorator';
import { ProtectedRows } from './protected-rows.service';

const PATH = 'path';

/** Stops the start when a route does not say who may call it, or on which row its permission is to be checked. */
@Injectable()
export class RouteAccessCheck implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ProtectedRows) private readonly rows: ProtectedRows,
  ) {}

  onModuleInit(): void {
    const faults = this.discovery.getControllers().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const methods = metatype.prototype as Record<string, object>;
      return this.scanner.getAllMethodNames(methods).flatMap((name) => {
        const fault = this.faultOf(metatype, methods[name]!);
        return fault ? [`${metatype.name}.${name} ${fault}`] : [];
      });
    });
    if (faults.length > 0) throw new Error(`Routes without access rules: ${faults.join('; ')}`);
  }

  private faultOf(controller: object, method: object): string | null {
    const path = Reflect.getMetadata(PATH, method) as string | undefined;
    if (path === undefined) return null;
    const targets = [method, controller] as Parameters<Reflector['getAllAndOverride']>[1];
    if (this.reflector.getAllAndOverride(PUBLIC, targets)) return null;
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ACCESS, targets);
    if (!access) return 'needs @Can(...) or @Public()';
    const { of } = access;
    if (path.includes(':id') && !of) return 'names a row by :id and needs `of`';
    if (of && of !== 'own' && !this.rows.has(of)) return `names a ${of}, which cannot be looked up`;
    return null;
  }
}
