import { SqlMigration } from './sql-migration';

/** Adds budgets and their spendings. */
export class Budgets1764200000000 extends SqlMigration {
  readonly name = 'Budgets1764200000000';

  protected readonly sqlite = {
    up: [
      'CREATE TABLE "budgets" ("id" varchar(36) PRIMARY KEY NOT NULL, "scope" varchar(40) NOT NULL, "scopeId" varchar(36) NOT NULL, "period" varchar(40) NOT NULL, "limitMicros" bigint NOT NULL, "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, CONSTRAINT "uq_budgets_scope_scopeId_period" UNIQUE ("scope", "scopeId", "period"))',
      'CREATE TABLE "spendings" ("id" varchar(36) PRIMARY KEY NOT NULL, "runId" varchar(36) NOT NULL, "taskId" varchar(36) NOT NULL, "repositoryId" varchar(36) NOT NULL, "userId" varchar(36), "agentType" varchar(40) NOT NULL, "micros" bigint NOT NULL, "settled" boolean NOT NULL, "createdAt" datetime(3) NOT NULL)',
      'CREATE INDEX "ix_spendings_createdAt" ON "spendings" ("createdAt")',
      'CREATE INDEX "ix_spendings_runId" ON "spendings" ("runId")',
      'CREATE INDEX "ix_spendings_taskId" ON "spendings" ("taskId")',
      'CREATE INDEX "ix_spendings_repositoryId" ON "spendings" ("repositoryId")',
      'CREATE INDEX "ix_spendings_userId" ON "spendings" ("userId")',
    ],
    down: [
      'DROP INDEX "ix_spendings_userId"',
      'DROP INDEX "ix_spendings_repositoryId"',
      'DROP INDEX "ix_spendings_taskId"',
      'DROP INDEX "ix_spendings_runId"',
      'DROP INDEX "ix_spendings_createdAt"',
      'DROP TABLE "spendings"',
      'DROP TABLE "budgets"',
    ],
  };

  protected readonly mysql = {
    up: [
      'CREATE TABLE `budgets` (`id` varchar(36) NOT NULL, `scope` varchar(40) NOT NULL, `scopeId` varchar(36) NOT NULL, `period` varchar(40) NOT NULL, `limitMicros` bigint NOT NULL, `createdAt` datetime(3) NOT NULL, `updatedAt` datetime(3) NOT NULL, UNIQUE INDEX `uq_budgets_scope_scopeId_period` (`scope`, `scopeId`, `period`), PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'CREATE TABLE `spendings` (`id` varchar(36) NOT NULL, `runId` varchar(36) NOT NULL, `taskId` varchar(36) NOT NULL, `repositoryId` varchar(36) NOT NULL, `userId` varchar(36) NULL, `agentType` varchar(40) NOT NULL, `micros` bigint NOT NULL, `settled` tinyint NOT NULL, `createdAt` datetime(3) NOT NULL, INDEX `ix_spendings_createdAt` (`createdAt`), INDEX `ix_spendings_runId` (`runId`), INDEX `ix_spendings_taskId` (`taskId`), INDEX `ix_spendings_repositoryId` (`repositoryId`), INDEX `ix_spendings_userId` (`userId`), PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    ],
    down: [
      'DROP INDEX `ix_spendings_createdAt` ON `spendings`',
      'DROP INDEX `ix_spendings_runId` ON `spendings`',
      'DROP INDEX `ix_spendings_taskId` ON `spendings`',
      'DROP INDEX `ix_spendings_repositoryId` ON `spendings`',
      'DROP INDEX `ix_spendings_userId` ON `spendings`',
      'DROP TABLE `spendings`',
      'DROP INDEX `uq_budgets_scope_scopeId_period` ON `budgets`',
      'DROP TABLE `budgets`',
    ],
  };
}
