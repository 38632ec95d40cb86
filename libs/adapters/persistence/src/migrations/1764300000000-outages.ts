import { SqlMigration } from './sql-migration';

/** Lets runs wait for the end of a model outage. */
export class Outages1764300000000 extends SqlMigration {
  readonly name = 'Outages1764300000000';

  protected readonly sqlite = {
    up: [
      'DROP INDEX "ix_runs_taskId"',
      'DROP INDEX "ix_runs_status_priority_queuedAt"',
      'CREATE TABLE "temporary_runs" ("id" varchar(36) PRIMARY KEY NOT NULL, "number" integer NOT NULL, "taskId" varchar(36) NOT NULL, "repositoryId" varchar(36) NOT NULL, "agentType" varchar(40) NOT NULL, "language" varchar(40), "model" varchar(255), "status" varchar(40) NOT NULL, "outcome" varchar(40), "outcomeDetail" text, "reason" text NOT NULL, "priority" integer NOT NULL, "attempt" integer NOT NULL, "baseBranch" varchar(255), "baseCommit" varchar(64), "headCommit" varchar(64), "branch" varchar(255), "phase" varchar(40), "repairRound" integer NOT NULL, "turns" integer NOT NULL, "inputTokens" integer NOT NULL, "outputTokens" integer NOT NULL, "costMicros" bigint, "gate" text, "summary" text, "sandbox" varchar(40), "cancelRequestedAt" datetime(3), "leaseOwner" varchar(255), "leaseToken" integer NOT NULL, "leaseExpiresAt" datetime(3), "demo" boolean NOT NULL, "queuedAt" datetime(3) NOT NULL, "startedAt" datetime(3), "finishedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "requestedById" varchar(36), "waitedMs" bigint NOT NULL DEFAULT (0), "resumeAt" datetime(3), "pauses" integer NOT NULL DEFAULT (0), CONSTRAINT "uq_runs_number" UNIQUE ("number"), CONSTRAINT "fk_runs_taskId" FOREIGN KEY ("taskId") REFERENCES "tasks" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_runs"("id", "number", "taskId", "repositoryId", "agentType", "language", "model", "status", "outcome", "outcomeDetail", "reason", "priority", "attempt", "baseBranch", "baseCommit", "headCommit", "branch", "phase", "repairRound", "turns", "inputTokens", "outputTokens", "costMicros", "gate", "summary", "sandbox", "cancelRequestedAt", "leaseOwner", "leaseToken", "leaseExpiresAt", "demo", "queuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt", "requestedById", "waitedMs") SELECT "id", "number", "taskId", "repositoryId", "agentType", "language", "model", "status", "outcome", "outcomeDetail", "reason", "priority", "attempt", "baseBranch", "baseCommit", "headCommit", "branch", "phase", "repairRound", "turns", "inputTokens", "outputTokens", "costMicros", "gate", "summary", "sandbox", "cancelRequestedAt", "leaseOwner", "leaseToken", "leaseExpiresAt", "demo", "queuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt", "requestedById", "waitedMs" FROM "runs"',
      'DROP TABLE "runs"',
      'ALTER TABLE "temporary_runs" RENAME TO "runs"',
      'CREATE INDEX "ix_runs_taskId" ON "runs" ("taskId")',
      'CREATE INDEX "ix_runs_status_priority_queuedAt" ON "runs" ("status", "priority", "queuedAt")',
    ],
    down: [
      'DROP INDEX "ix_runs_taskId"',
      'DROP INDEX "ix_runs_status_priority_queuedAt"',
      'CREATE TABLE "temporary_runs" ("id" varchar(36) PRIMARY KEY NOT NULL, "number" integer NOT NULL, "taskId" varchar(36) NOT NULL, "repositoryId" varchar(36) NOT NULL, "agentType" varchar(40) NOT NULL, "language" varchar(40), "model" varchar(255), "status" varchar(40) NOT NULL, "outcome" varchar(40), "outcomeDetail" text, "reason" text NOT NULL, "priority" integer NOT NULL, "attempt" integer NOT NULL, "baseBranch" varchar(255), "baseCommit" varchar(64), "headCommit" varchar(64), "branch" varchar(255), "phase" varchar(40), "repairRound" integer NOT NULL, "turns" integer NOT NULL, "inputTokens" integer NOT NULL, "outputTokens" integer NOT NULL, "costMicros" bigint, "gate" text, "summary" text, "sandbox" varchar(40), "cancelRequestedAt" datetime(3), "leaseOwner" varchar(255), "leaseToken" integer NOT NULL, "leaseExpiresAt" datetime(3), "demo" boolean NOT NULL, "queuedAt" datetime(3) NOT NULL, "startedAt" datetime(3), "finishedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "requestedById" varchar(36), "waitedMs" bigint NOT NULL DEFAULT (0), CONSTRAINT "uq_runs_number" UNIQUE ("number"), CONSTRAINT "fk_runs_taskId" FOREIGN KEY ("taskId") REFERENCES "tasks" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_runs"("id", "number", "taskId", "repositoryId", "agentType", "language", "model", "status", "outcome", "outcomeDetail", "reason", "priority", "attempt", "baseBranch", "baseCommit", "headCommit", "branch", "phase", "repairRound", "turns", "inputTokens", "outputTokens", "costMicros", "gate", "summary", "sandbox", "cancelRequestedAt", "leaseOwner", "leaseToken", "leaseExpiresAt", "demo", "queuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt", "requestedById", "waitedMs") SELECT "id", "number", "taskId", "repositoryId", "agentType", "language", "model", "status", "outcome", "outcomeDetail", "reason", "priority", "attempt", "baseBranch", "baseCommit", "headCommit", "branch", "phase", "repairRound", "turns", "inputTokens", "outputTokens", "costMicros", "gate", "summary", "sandbox", "cancelRequestedAt", "leaseOwner", "leaseToken", "leaseExpiresAt", "demo", "queuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt", "requestedById", "waitedMs" FROM "runs"',
      'DROP TABLE "runs"',
      'ALTER TABLE "temporary_runs" RENAME TO "runs"',
      'CREATE INDEX "ix_runs_taskId" ON "runs" ("taskId")',
      'CREATE INDEX "ix_runs_status_priority_queuedAt" ON "runs" ("status", "priority", "queuedAt")',
    ],
  };

  protected readonly mysql = {
    up: [
      'ALTER TABLE `runs` ADD `resumeAt` datetime(3) NULL',
      'ALTER TABLE `runs` ADD `pauses` int NOT NULL DEFAULT 0',
    ],
    down: ['ALTER TABLE `runs` DROP COLUMN `resumeAt`', 'ALTER TABLE `runs` DROP COLUMN `pauses`'],
  };
}
