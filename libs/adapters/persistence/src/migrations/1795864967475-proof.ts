import type { QueryRunner } from 'typeorm';
import { SqlMigration } from './sql-migration';

export class Proof1795864967475 extends SqlMigration {
  readonly name = 'Proof1795864967475';

  protected readonly sqlite = {
    up: [
      'ALTER TABLE "repositories" ADD COLUMN "preapprovedPaths" text',
      'ALTER TABLE "repositories" ADD COLUMN "unprovenRule" varchar(40) NOT NULL DEFAULT (\'keep_branch\')',
      'ALTER TABLE "runs" ADD COLUMN "workerDeaths" integer NOT NULL DEFAULT (0)',
      'ALTER TABLE "approvals" ADD COLUMN "rule" varchar(40)',
      'ALTER TABLE "approvals" ADD COLUMN "approvers" varchar(40)',
      'ALTER TABLE "approvals" ADD COLUMN "sensitiveFiles" text',
      'DROP INDEX "ix_tasks_repositoryId_issueNumber"',
      'DROP INDEX "ix_tasks_status_createdAt"',
      'DROP INDEX "ix_tasks_repositoryId"',
      'CREATE TABLE "temporary_tasks" ("id" varchar(36) PRIMARY KEY NOT NULL, "number" integer NOT NULL, "repositoryId" varchar(36) NOT NULL, "kind" varchar(40) NOT NULL, "title" varchar(255) NOT NULL, "description" text NOT NULL, "priority" varchar(40) NOT NULL, "status" varchar(40) NOT NULL, "statusReason" text, "source" varchar(40) NOT NULL, "sourceKey" varchar(255) NOT NULL, "sourceUrl" text, "baseBranch" varchar(255), "changeId" varchar(36), "allowTestChanges" boolean NOT NULL, "demo" boolean NOT NULL, "createdById" varchar(36), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "blockedBy" text, "issueNumber" integer, "requestedBy" varchar(255), "triggerKey" varchar(255), "planFirst" boolean NOT NULL DEFAULT (0), "isBug" boolean NOT NULL DEFAULT (0), CONSTRAINT "uq_tasks_number" UNIQUE ("number"), CONSTRAINT "uq_tasks_repositoryId_sourceKey" UNIQUE ("repositoryId", "sourceKey"), CONSTRAINT "fk_tasks_repositoryId" FOREIGN KEY ("repositoryId") REFERENCES "repositories" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_tasks"("id", "number", "repositoryId", "kind", "title", "description", "priority", "status", "statusReason", "source", "sourceKey", "sourceUrl", "baseBranch", "changeId", "allowTestChanges", "demo", "createdById", "createdAt", "updatedAt", "blockedBy", "issueNumber", "requestedBy", "triggerKey", "planFirst") SELECT "id", "number", "repositoryId", "kind", "title", "description", "priority", "status", "statusReason", "source", "sourceKey", "sourceUrl", "baseBranch", "changeId", "allowTestChanges", "demo", "createdById", "createdAt", "updatedAt", "blockedBy", "issueNumber", "requestedBy", "triggerKey", "planFirst" FROM "tasks"',
      'DROP TABLE "tasks"',
      'ALTER TABLE "temporary_tasks" RENAME TO "tasks"',
      'CREATE INDEX "ix_tasks_repositoryId" ON "tasks" ("repositoryId")',
      'CREATE INDEX "ix_tasks_status_createdAt" ON "tasks" ("status", "createdAt")',
      'CREATE INDEX "ix_tasks_repositoryId_issueNumber" ON "tasks" ("repositoryId", "issueNumber")',
    ],
    down: [
      'DROP INDEX "ix_tasks_repositoryId_issueNumber"',
      'DROP INDEX "ix_tasks_status_createdAt"',
      'DROP INDEX "ix_tasks_repositoryId"',
      'CREATE TABLE "temporary_tasks" ("id" varchar(36) PRIMARY KEY NOT NULL, "number" integer NOT NULL, "repositoryId" varchar(36) NOT NULL, "kind" varchar(40) NOT NULL, "title" varchar(255) NOT NULL, "description" text NOT NULL, "priority" varchar(40) NOT NULL, "status" varchar(40) NOT NULL, "statusReason" text, "source" varchar(40) NOT NULL, "sourceKey" varchar(255) NOT NULL, "sourceUrl" text, "baseBranch" varchar(255), "changeId" varchar(36), "allowTestChanges" boolean NOT NULL, "demo" boolean NOT NULL, "createdById" varchar(36), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "blockedBy" text, "issueNumber" integer, "requestedBy" varchar(255), "triggerKey" varchar(255), "planFirst" boolean NOT NULL DEFAULT (0), CONSTRAINT "uq_tasks_number" UNIQUE ("number"), CONSTRAINT "uq_tasks_sourceKey" UNIQUE ("sourceKey"), CONSTRAINT "fk_tasks_repositoryId" FOREIGN KEY ("repositoryId") REFERENCES "repositories" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_tasks"("id", "number", "repositoryId", "kind", "title", "description", "priority", "status", "statusReason", "source", "sourceKey", "sourceUrl", "baseBranch", "changeId", "allowTestChanges", "demo", "createdById", "createdAt", "updatedAt", "blockedBy", "issueNumber", "requestedBy", "triggerKey", "planFirst") SELECT "id", "number", "repositoryId", "kind", "title", "description", "priority", "status", "statusReason", "source", "sourceKey", "sourceUrl", "baseBranch", "changeId", "allowTestChanges", "demo", "createdById", "createdAt", "updatedAt", "blockedBy", "issueNumber", "requestedBy", "triggerKey", "planFirst" FROM "tasks"',
      'DROP TABLE "tasks"',
      'ALTER TABLE "temporary_tasks" RENAME TO "tasks"',
      'CREATE INDEX "ix_tasks_repositoryId" ON "tasks" ("repositoryId")',
      'CREATE INDEX "ix_tasks_status_createdAt" ON "tasks" ("status", "createdAt")',
      'CREATE INDEX "ix_tasks_repositoryId_issueNumber" ON "tasks" ("repositoryId", "issueNumber")',
      'ALTER TABLE "approvals" DROP COLUMN "sensitiveFiles"',
      'ALTER TABLE "approvals" DROP COLUMN "approvers"',
      'ALTER TABLE "approvals" DROP COLUMN "rule"',
      'ALTER TABLE "runs" DROP COLUMN "workerDeaths"',
      'ALTER TABLE "repositories" DROP COLUMN "unprovenRule"',
      'ALTER TABLE "repositories" DROP COLUMN "preapprovedPaths"',
    ],
  };

  protected readonly mysql = {
    up: [
      'DROP INDEX `uq_tasks_sourceKey` ON `tasks`',
      'ALTER TABLE `repositories` ADD `preapprovedPaths` longtext NULL',
      "ALTER TABLE `repositories` ADD `unprovenRule` varchar(40) NOT NULL DEFAULT 'keep_branch'",
      'ALTER TABLE `tasks` ADD `isBug` tinyint NOT NULL DEFAULT 0',
      "ALTER TABLE `runs` ADD `workerDeaths` int NOT NULL DEFAULT '0'",
      'ALTER TABLE `approvals` ADD `rule` varchar(40) NULL',
      'ALTER TABLE `approvals` ADD `approvers` varchar(40) NULL',
      'ALTER TABLE `approvals` ADD `sensitiveFiles` longtext NULL',
      'CREATE UNIQUE INDEX `uq_tasks_repositoryId_sourceKey` ON `tasks` (`repositoryId`, `sourceKey`)',
    ],
    down: [
      'DROP INDEX `uq_tasks_repositoryId_sourceKey` ON `tasks`',
      'ALTER TABLE `approvals` DROP COLUMN `sensitiveFiles`',
      'ALTER TABLE `approvals` DROP COLUMN `approvers`',
      'ALTER TABLE `approvals` DROP COLUMN `rule`',
      'ALTER TABLE `runs` DROP COLUMN `workerDeaths`',
      'ALTER TABLE `tasks` DROP COLUMN `isBug`',
      'ALTER TABLE `repositories` DROP COLUMN `unprovenRule`',
      'ALTER TABLE `repositories` DROP COLUMN `preapprovedPaths`',
      'CREATE UNIQUE INDEX `uq_tasks_sourceKey` ON `tasks` (`sourceKey`)',
    ],
  };

  /** Throws, without having changed anything, if two repositories have a task of the same source: the old schema has one. */
  override async down(runner: QueryRunner): Promise<void> {
    const [twice] = (await runner.query(
      'SELECT sourceKey, MIN(number) AS first, MAX(number) AS last FROM tasks GROUP BY sourceKey HAVING COUNT(*) > 1',
    )) as { sourceKey: string; first: number; last: number }[];
    if (twice)
      throw new Error(
        `The tasks ${twice.first} and ${twice.last} come from the same source (${twice.sourceKey}), which the older schema ` +
          'cannot store. Delete one of them, then try again.',
      );
    await super.down(runner);
  }
}
