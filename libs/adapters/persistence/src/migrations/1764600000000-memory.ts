import { SqlMigration } from './sql-migration';

/** Adds code indexes, insights and the items that agents store for a task. */
export class Memory1764600000000 extends SqlMigration {
  readonly name = 'Memory1764600000000';

  protected readonly sqlite = {
    up: [
      `CREATE TABLE "temporary_repositories" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar(255) NOT NULL, "url" varchar(500) NOT NULL, "forge" varchar(40) NOT NULL, "defaultBranch" varchar(255), "status" varchar(40) NOT NULL, "statusReason" text, "headCommit" varchar(64), "setupCommand" text, "testCommand" text, "lintCommand" text, "demo" boolean NOT NULL, "fetchedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "approvalRule" varchar(40) NOT NULL DEFAULT ('risky'), "approvers" varchar(40) NOT NULL DEFAULT ('anyone'), "planRule" varchar(40) NOT NULL DEFAULT ('never'), "weight" integer NOT NULL DEFAULT (1), "forgeId" varchar(255), "forgeName" varchar(255), "archived" boolean NOT NULL DEFAULT (0), "intakeLabel" varchar(50) NOT NULL DEFAULT ('teko'), "lookedAt" datetime(3), "lostEvents" integer NOT NULL DEFAULT (0), "buildCommand" text, CONSTRAINT "uq_repositories_url" UNIQUE ("url"), CONSTRAINT "uq_repositories_forge_forgeId" UNIQUE ("forge", "forgeId"))`,
      'INSERT INTO "temporary_repositories"("id", "name", "url", "forge", "defaultBranch", "status", "statusReason", "headCommit", "setupCommand", "testCommand", "lintCommand", "demo", "fetchedAt", "createdAt", "updatedAt", "approvalRule", "approvers", "planRule", "weight", "forgeId", "forgeName", "archived", "intakeLabel", "lookedAt", "lostEvents") SELECT "id", "name", "url", "forge", "defaultBranch", "status", "statusReason", "headCommit", "setupCommand", "testCommand", "lintCommand", "demo", "fetchedAt", "createdAt", "updatedAt", "approvalRule", "approvers", "planRule", "weight", "forgeId", "forgeName", "archived", "intakeLabel", "lookedAt", "lostEvents" FROM "repositories"',
      'DROP TABLE "repositories"',
      'ALTER TABLE "temporary_repositories" RENAME TO "repositories"',
      'CREATE TABLE "temporary_codebase_profiles" ("id" varchar(36) PRIMARY KEY NOT NULL, "repositoryId" varchar(36) NOT NULL, "commit" varchar(64) NOT NULL, "languages" text NOT NULL, "frameworks" text NOT NULL, "packageManagers" text NOT NULL, "toolchains" text NOT NULL, "commands" text NOT NULL, "totalFiles" integer NOT NULL, "totalBytes" bigint NOT NULL, "excluded" text NOT NULL, "createdAt" datetime(3) NOT NULL, "modules" text, "hotSpots" text, CONSTRAINT "uq_codebase_profiles_repositoryId_commit" UNIQUE ("repositoryId", "commit"), CONSTRAINT "fk_codebase_profiles_repositoryId" FOREIGN KEY ("repositoryId") REFERENCES "repositories" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_codebase_profiles"("id", "repositoryId", "commit", "languages", "frameworks", "packageManagers", "toolchains", "commands", "totalFiles", "totalBytes", "excluded", "createdAt") SELECT "id", "repositoryId", "commit", "languages", "frameworks", "packageManagers", "toolchains", "commands", "totalFiles", "totalBytes", "excluded", "createdAt" FROM "codebase_profiles"',
      'DROP TABLE "codebase_profiles"',
      'ALTER TABLE "temporary_codebase_profiles" RENAME TO "codebase_profiles"',
      'CREATE TABLE "code_indexes" ("id" varchar(36) PRIMARY KEY NOT NULL, "repositoryId" varchar(36) NOT NULL, "status" varchar(40) NOT NULL, "statusReason" text, "commit" varchar(64), "indexedAt" datetime(3), "coverage" text, "notice" text, "phase" varchar(40), "doneFiles" integer NOT NULL, "totalFiles" integer NOT NULL, "cancelRequestedAt" datetime(3), "leaseOwner" varchar(255), "leasedUntil" datetime(3), "attempts" integer NOT NULL, "dueAt" datetime(3) NOT NULL, "startedAt" datetime(3), "finishedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, CONSTRAINT "uq_code_indexes_repositoryId" UNIQUE ("repositoryId"), CONSTRAINT "fk_code_indexes_repositoryId" FOREIGN KEY ("repositoryId") REFERENCES "repositories" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'CREATE INDEX "ix_code_indexes_status_dueAt" ON "code_indexes" ("status", "dueAt")',
      'CREATE TABLE "insights" ("id" varchar(36) PRIMARY KEY NOT NULL, "repositoryId" varchar(36) NOT NULL, "kind" varchar(40) NOT NULL, "text" text NOT NULL, "path" text, "blob" varchar(64), "fingerprint" varchar(64) NOT NULL, "source" varchar(40) NOT NULL, "sourceId" varchar(36) NOT NULL, "author" varchar(255) NOT NULL, "pinned" boolean NOT NULL, "staleAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, CONSTRAINT "uq_insights_repositoryId_fingerprint" UNIQUE ("repositoryId", "fingerprint"), CONSTRAINT "fk_insights_repositoryId" FOREIGN KEY ("repositoryId") REFERENCES "repositories" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'CREATE INDEX "ix_insights_repositoryId_updatedAt" ON "insights" ("repositoryId", "updatedAt")',
      'CREATE INDEX "ix_insights_repositoryId_source_sourceId" ON "insights" ("repositoryId", "source", "sourceId")',
      'CREATE TABLE "stored_items" ("taskId" varchar(36) NOT NULL, "namespace" varchar(255) NOT NULL, "key" varchar(255) NOT NULL, "value" text NOT NULL, "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, CONSTRAINT "fk_stored_items_taskId" FOREIGN KEY ("taskId") REFERENCES "tasks" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY ("taskId", "namespace", "key"))',
      'CREATE INDEX "ix_stored_items_namespace_updatedAt" ON "stored_items" ("namespace", "updatedAt")',
    ],
    down: [
      'DROP INDEX "ix_stored_items_namespace_updatedAt"',
      'DROP TABLE "stored_items"',
      'DROP INDEX "ix_insights_repositoryId_source_sourceId"',
      'DROP INDEX "ix_insights_repositoryId_updatedAt"',
      'DROP TABLE "insights"',
      'DROP INDEX "ix_code_indexes_status_dueAt"',
      'DROP TABLE "code_indexes"',
      `CREATE TABLE "temporary_repositories" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar(255) NOT NULL, "url" varchar(500) NOT NULL, "forge" varchar(40) NOT NULL, "defaultBranch" varchar(255), "status" varchar(40) NOT NULL, "statusReason" text, "headCommit" varchar(64), "setupCommand" text, "testCommand" text, "lintCommand" text, "demo" boolean NOT NULL, "fetchedAt" datetime(3), "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "approvalRule" varchar(40) NOT NULL DEFAULT ('risky'), "approvers" varchar(40) NOT NULL DEFAULT ('anyone'), "planRule" varchar(40) NOT NULL DEFAULT ('never'), "weight" integer NOT NULL DEFAULT (1), "forgeId" varchar(255), "forgeName" varchar(255), "archived" boolean NOT NULL DEFAULT (0), "intakeLabel" varchar(50) NOT NULL DEFAULT ('teko'), "lookedAt" datetime(3), "lostEvents" integer NOT NULL DEFAULT (0), CONSTRAINT "uq_repositories_url" UNIQUE ("url"), CONSTRAINT "uq_repositories_forge_forgeId" UNIQUE ("forge", "forgeId"))`,
      'INSERT INTO "temporary_repositories"("id", "name", "url", "forge", "defaultBranch", "status", "statusReason", "headCommit", "setupCommand", "testCommand", "lintCommand", "demo", "fetchedAt", "createdAt", "updatedAt", "approvalRule", "approvers", "planRule", "weight", "forgeId", "forgeName", "archived", "intakeLabel", "lookedAt", "lostEvents") SELECT "id", "name", "url", "forge", "defaultBranch", "status", "statusReason", "headCommit", "setupCommand", "testCommand", "lintCommand", "demo", "fetchedAt", "createdAt", "updatedAt", "approvalRule", "approvers", "planRule", "weight", "forgeId", "forgeName", "archived", "intakeLabel", "lookedAt", "lostEvents" FROM "repositories"',
      'DROP TABLE "repositories"',
      'ALTER TABLE "temporary_repositories" RENAME TO "repositories"',
      'CREATE TABLE "temporary_codebase_profiles" ("id" varchar(36) PRIMARY KEY NOT NULL, "repositoryId" varchar(36) NOT NULL, "commit" varchar(64) NOT NULL, "languages" text NOT NULL, "frameworks" text NOT NULL, "packageManagers" text NOT NULL, "toolchains" text NOT NULL, "commands" text NOT NULL, "totalFiles" integer NOT NULL, "totalBytes" bigint NOT NULL, "excluded" text NOT NULL, "createdAt" datetime(3) NOT NULL, CONSTRAINT "uq_codebase_profiles_repositoryId_commit" UNIQUE ("repositoryId", "commit"), CONSTRAINT "fk_codebase_profiles_repositoryId" FOREIGN KEY ("repositoryId") REFERENCES "repositories" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_codebase_profiles"("id", "repositoryId", "commit", "languages", "frameworks", "packageManagers", "toolchains", "commands", "totalFiles", "totalBytes", "excluded", "createdAt") SELECT "id", "repositoryId", "commit", "languages", "frameworks", "packageManagers", "toolchains", "commands", "totalFiles", "totalBytes", "excluded", "createdAt" FROM "codebase_profiles"',
      'DROP TABLE "codebase_profiles"',
      'ALTER TABLE "temporary_codebase_profiles" RENAME TO "codebase_profiles"',
    ],
  };

  protected readonly mysql = {
    up: [
      'ALTER TABLE `repositories` ADD `buildCommand` longtext NULL',
      'ALTER TABLE `codebase_profiles` ADD `modules` longtext NULL',
      'ALTER TABLE `codebase_profiles` ADD `hotSpots` longtext NULL',
      'CREATE TABLE `code_indexes` (`id` varchar(36) NOT NULL, `repositoryId` varchar(36) NOT NULL, `status` varchar(40) NOT NULL, `statusReason` longtext NULL, `commit` varchar(64) NULL, `indexedAt` datetime(3) NULL, `coverage` longtext NULL, `notice` longtext NULL, `phase` varchar(40) NULL, `doneFiles` int NOT NULL, `totalFiles` int NOT NULL, `cancelRequestedAt` datetime(3) NULL, `leaseOwner` varchar(255) NULL, `leasedUntil` datetime(3) NULL, `attempts` int NOT NULL, `dueAt` datetime(3) NOT NULL, `startedAt` datetime(3) NULL, `finishedAt` datetime(3) NULL, `createdAt` datetime(3) NOT NULL, `updatedAt` datetime(3) NOT NULL, INDEX `ix_code_indexes_status_dueAt` (`status`, `dueAt`), UNIQUE INDEX `uq_code_indexes_repositoryId` (`repositoryId`), CONSTRAINT `fk_code_indexes_repositoryId` FOREIGN KEY (`repositoryId`) REFERENCES `repositories` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'CREATE TABLE `insights` (`id` varchar(36) NOT NULL, `repositoryId` varchar(36) NOT NULL, `kind` varchar(40) NOT NULL, `text` longtext NOT NULL, `path` longtext NULL, `blob` varchar(64) NULL, `fingerprint` varchar(64) NOT NULL, `source` varchar(40) NOT NULL, `sourceId` varchar(36) NOT NULL, `author` varchar(255) NOT NULL, `pinned` tinyint NOT NULL, `staleAt` datetime(3) NULL, `createdAt` datetime(3) NOT NULL, `updatedAt` datetime(3) NOT NULL, INDEX `ix_insights_repositoryId_updatedAt` (`repositoryId`, `updatedAt`), INDEX `ix_insights_repositoryId_source_sourceId` (`repositoryId`, `source`, `sourceId`), UNIQUE INDEX `uq_insights_repositoryId_fingerprint` (`repositoryId`, `fingerprint`), CONSTRAINT `fk_insights_repositoryId` FOREIGN KEY (`repositoryId`) REFERENCES `repositories` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'CREATE TABLE `stored_items` (`taskId` varchar(36) NOT NULL, `namespace` varchar(255) NOT NULL, `key` varchar(255) NOT NULL, `value` longtext NOT NULL, `createdAt` datetime(3) NOT NULL, `updatedAt` datetime(3) NOT NULL, INDEX `ix_stored_items_namespace_updatedAt` (`namespace`, `updatedAt`), CONSTRAINT `fk_stored_items_taskId` FOREIGN KEY (`taskId`) REFERENCES `tasks` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY (`taskId`, `namespace`, `key`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    ],
    down: [
      'ALTER TABLE `stored_items` DROP FOREIGN KEY `fk_stored_items_taskId`',
      'DROP INDEX `ix_stored_items_namespace_updatedAt` ON `stored_items`',
      'DROP TABLE `stored_items`',
      'ALTER TABLE `insights` DROP FOREIGN KEY `fk_insights_repositoryId`',
      'DROP INDEX `uq_insights_repositoryId_fingerprint` ON `insights`',
      'DROP INDEX `ix_insights_repositoryId_updatedAt` ON `insights`',
      'DROP INDEX `ix_insights_repositoryId_source_sourceId` ON `insights`',
      'DROP TABLE `insights`',
      'ALTER TABLE `code_indexes` DROP FOREIGN KEY `fk_code_indexes_repositoryId`',
      'DROP INDEX `uq_code_indexes_repositoryId` ON `code_indexes`',
      'DROP INDEX `ix_code_indexes_status_dueAt` ON `code_indexes`',
      'DROP TABLE `code_indexes`',
      'ALTER TABLE `repositories` DROP COLUMN `buildCommand`',
      'ALTER TABLE `codebase_profiles` DROP COLUMN `modules`',
      'ALTER TABLE `codebase_profiles` DROP COLUMN `hotSpots`',
    ],
  };
}
