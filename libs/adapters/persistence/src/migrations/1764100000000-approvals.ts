import { SqlMigration } from './sql-migration';

/** Adds approvals, who requested a run, and how long the run waited. */
export class Approvals1764100000000 extends SqlMigration {
  readonly name = 'Approvals1764100000000';

  protected readonly sqlite = {
    up: [
      `CREATE TABLE "temporary_repositories" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar(255) NOT NULL, "url" varchar(500) NOT NULL, "forge" varchar(40) NOT NULL, "defaultBranch" varchar(255), "status" varchar(40) NOT NULL, "statusReason" text, "headCommit" varchar(64), "setupCommand" text, "testCommand" text, "lintCommand" text, "demo" boolean NOT NULL, "fetchedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "approvalRule" varchar(40) NOT NULL DEFAULT ('risky'), "approvers" varchar(40) NOT NULL DEFAULT ('anyone'), CONSTRAINT "uq_repositories_url" UNIQUE ("url"))`,
      'INSERT INTO "temporary_repositories"("id", "name", "url", "forge", "defaultBranch", "status", "statusReason", "headCommit", "setupCommand", "testCommand", "lintCommand", "demo", "fetchedAt", "createdAt", "updatedAt") SELECT "id", "name", "url", "forge", "defaultBranch", "status", "statusReason", "headCommit", "setupCommand", "testCommand", "lintCommand", "demo", "fetchedAt", "createdAt", "updatedAt" FROM "repositories"',
      'DROP TABLE "repositories"',
      'ALTER TABLE "temporary_repositories" RENAME TO "repositories"',
      'DROP INDEX "ix_runs_taskId"',
      'DROP INDEX "ix_runs_status_priority_queuedAt"',
      'CREATE TABLE "temporary_runs" ("id" varchar(36) PRIMARY KEY NOT NULL, "number" integer NOT NULL, "taskId" varchar(36) NOT NULL, "repositoryId" varchar(36) NOT NULL, "agentType" varchar(40) NOT NULL, "language" varchar(40), "model" varchar(255), "status" varchar(40) NOT NULL, "outcome" varchar(40), "outcomeDetail" text, "reason" text NOT NULL, "priority" integer NOT NULL, "attempt" integer NOT NULL, "baseBranch" varchar(255), "baseCommit" varchar(64), "headCommit" varchar(64), "branch" varchar(255), "phase" varchar(40), "repairRound" integer NOT NULL, "turns" integer NOT NULL, "inputTokens" integer NOT NULL, "outputTokens" integer NOT NULL, "costMicros" bigint, "gate" text, "summary" text, "sandbox" varchar(40), "cancelRequestedAt" datetime(3), "leaseOwner" varchar(255), "leaseToken" integer NOT NULL, "leaseExpiresAt" datetime(3), "demo" boolean NOT NULL, "queuedAt" datetime(3) NOT NULL, "startedAt" datetime(3), "finishedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "requestedById" varchar(36), "waitedMs" bigint NOT NULL DEFAULT (0), CONSTRAINT "uq_runs_number" UNIQUE ("number"), CONSTRAINT "fk_runs_taskId" FOREIGN KEY ("taskId") REFERENCES "tasks" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_runs"("id", "number", "taskId", "repositoryId", "agentType", "language", "model", "status", "outcome", "outcomeDetail", "reason", "priority", "attempt", "baseBranch", "baseCommit", "headCommit", "branch", "phase", "repairRound", "turns", "inputTokens", "outputTokens", "costMicros", "gate", "summary", "sandbox", "cancelRequestedAt", "leaseOwner", "leaseToken", "leaseExpiresAt", "demo", "queuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt") SELECT "id", "number", "taskId", "repositoryId", "agentType", "language", "model", "status", "outcome", "outcomeDetail", "reason", "priority", "attempt", "baseBranch", "baseCommit", "headCommit", "branch", "phase", "repairRound", "turns", "inputTokens", "outputTokens", "costMicros", "gate", "summary", "sandbox", "cancelRequestedAt", "leaseOwner", "leaseToken", "leaseExpiresAt", "demo", "queuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt" FROM "runs"',
      'DROP TABLE "runs"',
      'ALTER TABLE "temporary_runs" RENAME TO "runs"',
      'CREATE INDEX "ix_runs_taskId" ON "runs" ("taskId")',
      'CREATE INDEX "ix_runs_status_priority_queuedAt" ON "runs" ("status", "priority", "queuedAt")',
      'CREATE TABLE "approvals" ("id" varchar(36) PRIMARY KEY NOT NULL, "runId" varchar(36) NOT NULL, "taskId" varchar(36) NOT NULL, "repositoryId" varchar(36) NOT NULL, "status" varchar(40) NOT NULL, "reasons" text NOT NULL, "title" text NOT NULL, "baseCommit" varchar(64) NOT NULL, "headCommit" varchar(64) NOT NULL, "subjectHash" varchar(64) NOT NULL, "decidedById" varchar(36), "decidedByName" varchar(255), "note" text, "createdAt" datetime(3) NOT NULL, "decidedAt" datetime(3), CONSTRAINT "uq_approvals_runId_subjectHash" UNIQUE ("runId", "subjectHash"), CONSTRAINT "fk_approvals_runId" FOREIGN KEY ("runId") REFERENCES "runs" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
    ],
    down: [
      'DROP TABLE "approvals"',
      'CREATE TABLE "temporary_repositories" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar(255) NOT NULL, "url" varchar(500) NOT NULL, "forge" varchar(40) NOT NULL, "defaultBranch" varchar(255), "status" varchar(40) NOT NULL, "statusReason" text, "headCommit" varchar(64), "setupCommand" text, "testCommand" text, "lintCommand" text, "demo" boolean NOT NULL, "fetchedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, CONSTRAINT "uq_repositories_url" UNIQUE ("url"))',
      'INSERT INTO "temporary_repositories"("id", "name", "url", "forge", "defaultBranch", "status", "statusReason", "headCommit", "setupCommand", "testCommand", "lintCommand", "demo", "fetchedAt", "createdAt", "updatedAt") SELECT "id", "name", "url", "forge", "defaultBranch", "status", "statusReason", "headCommit", "setupCommand", "testCommand", "lintCommand", "demo", "fetchedAt", "createdAt", "updatedAt" FROM "repositories"',
      'DROP TABLE "repositories"',
      'ALTER TABLE "temporary_repositories" RENAME TO "repositories"',
      'DROP INDEX "ix_runs_taskId"',
      'DROP INDEX "ix_runs_status_priority_queuedAt"',
      'CREATE TABLE "temporary_runs" ("id" varchar(36) PRIMARY KEY NOT NULL, "number" integer NOT NULL, "taskId" varchar(36) NOT NULL, "repositoryId" varchar(36) NOT NULL, "agentType" varchar(40) NOT NULL, "language" varchar(40), "model" varchar(255), "status" varchar(40) NOT NULL, "outcome" varchar(40), "outcomeDetail" text, "reason" text NOT NULL, "priority" integer NOT NULL, "attempt" integer NOT NULL, "baseBranch" varchar(255), "baseCommit" varchar(64), "headCommit" varchar(64), "branch" varchar(255), "phase" varchar(40), "repairRound" integer NOT NULL, "turns" integer NOT NULL, "inputTokens" integer NOT NULL, "outputTokens" integer NOT NULL, "costMicros" bigint, "gate" text, "summary" text, "sandbox" varchar(40), "cancelRequestedAt" datetime(3), "leaseOwner" varchar(255), "leaseToken" integer NOT NULL, "leaseExpiresAt" datetime(3), "demo" boolean NOT NULL, "queuedAt" datetime(3) NOT NULL, "startedAt" datetime(3), "finishedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, CONSTRAINT "uq_runs_number" UNIQUE ("number"), CONSTRAINT "fk_runs_taskId" FOREIGN KEY ("taskId") REFERENCES "tasks" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_runs"("id", "number", "taskId", "repositoryId", "agentType", "language", "model", "status", "outcome", "outcomeDetail", "reason", "priority", "attempt", "baseBranch", "baseCommit", "headCommit", "branch", "phase", "repairRound", "turns", "inputTokens", "outputTokens", "costMicros", "gate", "summary", "sandbox", "cancelRequestedAt", "leaseOwner", "leaseToken", "leaseExpiresAt", "demo", "queuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt") SELECT "id", "number", "taskId", "repositoryId", "agentType", "language", "model", "status", "outcome", "outcomeDetail", "reason", "priority", "attempt", "baseBranch", "baseCommit", "headCommit", "branch", "phase", "repairRound", "turns", "inputTokens", "outputTokens", "costMicros", "gate", "summary", "sandbox", "cancelRequestedAt", "leaseOwner", "leaseToken", "leaseExpiresAt", "demo", "queuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt" FROM "runs"',
      'DROP TABLE "runs"',
      'ALTER TABLE "temporary_runs" RENAME TO "runs"',
      'CREATE INDEX "ix_runs_taskId" ON "runs" ("taskId")',
      'CREATE INDEX "ix_runs_status_priority_queuedAt" ON "runs" ("status", "priority", "queuedAt")',
    ],
  };

  protected readonly mysql = {
    up: [
      "ALTER TABLE `repositories` ADD `approvalRule` varchar(40) NOT NULL DEFAULT 'risky'",
      "ALTER TABLE `repositories` ADD `approvers` varchar(40) NOT NULL DEFAULT 'anyone'",
      'ALTER TABLE `runs` ADD `requestedById` varchar(36) NULL',
      'ALTER TABLE `runs` ADD `waitedMs` bigint NOT NULL DEFAULT 0',
      'CREATE TABLE `approvals` (`id` varchar(36) NOT NULL, `runId` varchar(36) NOT NULL, `taskId` varchar(36) NOT NULL, `repositoryId` varchar(36) NOT NULL, `status` varchar(40) NOT NULL, `reasons` longtext NOT NULL, `title` longtext NOT NULL, `baseCommit` varchar(64) NOT NULL, `headCommit` varchar(64) NOT NULL, `subjectHash` varchar(64) NOT NULL, `decidedById` varchar(36) NULL, `decidedByName` varchar(255) NULL, `note` longtext NULL, `createdAt` datetime(3) NOT NULL, `decidedAt` datetime(3) NULL, UNIQUE INDEX `uq_approvals_runId_subjectHash` (`runId`, `subjectHash`), CONSTRAINT `fk_approvals_runId` FOREIGN KEY (`runId`) REFERENCES `runs` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    ],
    down: [
      'ALTER TABLE `approvals` DROP FOREIGN KEY `fk_approvals_runId`',
      'DROP INDEX `uq_approvals_runId_subjectHash` ON `approvals`',
      'DROP TABLE `approvals`',
      'ALTER TABLE `repositories` DROP COLUMN `approvalRule`',
      'ALTER TABLE `repositories` DROP COLUMN `approvers`',
      'ALTER TABLE `runs` DROP COLUMN `requestedById`',
      'ALTER TABLE `runs` DROP COLUMN `waitedMs`',
    ],
  };
}
