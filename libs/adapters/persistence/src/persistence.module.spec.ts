import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RunRepository, TaskRepository } from '@teko/domain';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from './database';
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

const home = mkdtempSync(join(tmpdir(), 'teko-persistence-'));
afterAll(() => rmSync(home, { recursive: true }));

it('provides every repository under the token of its port to every module, and closes the database on shutdown', async () => {
  const database = await openDatabase({ url: undefined, home });
  onTestFinished(() => database.close());
  const app = await Test.createTestingModule({
    imports: [PersistenceModule.forRoot(database), ReaderModule],
  }).compile();
  const reader = app.get(Reader, { strict: false });
  expect(reader.tasks).toBe(database.repositories.TaskRepository);
  expect(reader.runs).toBe(database.repositories.RunRepository);
  await app.close();
  expect(database.dataSource.isInitialized).toBe(false);
  await expect(database.close(), 'closing twice is allowed').resolves.toBeUndefined();
});
