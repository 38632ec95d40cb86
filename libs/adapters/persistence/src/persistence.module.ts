import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import * as domain from '@teko/domain';
import { UnitOfWork } from '@teko/platform';
import type { Database, Repositories } from './database';

/** Provides every repository under the token of its port, and closes the database when the application shuts down. */
@Global()
@Module({})
export class PersistenceModule {
  static forRoot(database: Database): DynamicModule {
    const names = Object.keys(database.repositories) as (keyof Repositories)[];
    const providers = [
      ...names.map((name) => ({ provide: domain[name], useValue: database.repositories[name] as unknown })),
      { provide: UnitOfWork, useValue: database.unitOfWork },
    ];
    const typeorm = TypeOrmModule.forRootAsync({
      useFactory: () => database.dataSource.options,
      dataSourceFactory: () => Promise.resolve(database.dataSource),
    });
    return {
      module: PersistenceModule,
      imports: [typeorm],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
