import { Global, Module, type DynamicModule, type ValueProvider } from '@nestjs/common';

/** Provides the settings report and agent profiles of this process to the API. */
@Global()
@Module({})
export class ReportModule {
  static forRoot(providers: ValueProvider[]): DynamicModule {
    return { module: ReportModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
