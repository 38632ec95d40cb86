import { Inject, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RunRepository, TaskRepository } from '@teko/domain';
import { inMemoryRepositories } from '@teko/testing';
import { expect, it } from 'vitest';
import type { Database } from './database';
import { PersistenceModule } from './persistence.module';

@Injectable()
class Reader {
  constructor(
    @Inject(TaskRepository) readonly tasks: unknown,
    @Inject(RunRepository) readonly runs: unknown,
  ) {}
}

@Module({ providers: [Reader] })
class ReaderModule {}

it('gives every repository under the token of its port, to every module', async () => {
  const repositories = inMemoryRepositories();
  const database = { repositories } as unknown as Database;
  const app = await Test.createTestingModule({
    imports: [PersistenceModule.forRoot(database), ReaderModule],
  }).compile();
  const reader = app.get(Reader, { strict: false });
  expect(reader.tasks).toBe(repositories.TaskRepository);
  expect(reader.runs).toBe(repositories.RunRepository);
  await app.close();
});
