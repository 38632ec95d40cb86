import { Global, Module, type DynamicModule } from '@nestjs/common';
import * as domain from '@teko/domain';
import type { Database, Repositories } from './database';

/** Gives every repository under its port's token. */
@Global()
@Module({})
export class PersistenceModule {
  static forRoot(database: Database): DynamicModule {
    const names = Object.keys(database.repositories) as (keyof Repositories)[];
    const providers = names.map((name) => ({ provide: domain[name], useValue: database.repositories[name] }));
    return { module: PersistenceModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
