import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { CAN, PUBLIC } from './access.decorator';

const ROUTE = 'path';

/** Stops the start when a route says neither who may call it nor that anybody may. */
@Injectable()
export class RouteAccessCheck implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const open = this.discovery.getControllers().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      return this.scanner
        .getAllMethodNames(metatype.prototype as object)
        .filter((name) => this.lacksAccess(metatype, (metatype.prototype as Record<string, object>)[name]!))
        .map((name) => `${metatype.name}.${name}`);
    });
    if (open.length > 0) throw new Error(`These routes need @Can(...) or @Public(): ${open.join(', ')}`);
  }

  private lacksAccess(controller: object, method: object): boolean {
    if (!Reflect.hasMetadata(ROUTE, method)) return false;
    const targets = [method, controller] as Parameters<Reflector['getAllAndOverride']>[1];
    return !this.reflector.getAllAndOverride(CAN, targets) && !this.reflector.getAllAndOverride(PUBLIC, targets);
  }
}
