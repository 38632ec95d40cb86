import { Global, Module, type DynamicModule, type ValueProvider } from '@nestjs/common';

/** What the API tells about this process: settings and agents, as plain data. */
@Global()
@Module({})
export class ReportModule {
  static forRoot(providers: ValueProvider[]): DynamicModule {
    return { module: ReportModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
