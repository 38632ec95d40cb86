import { SqlMigration } from './sql-migration';

/** Adds roles, repository grants, accounts, API tokens, the audit log and passwords. */
export class Access1764000000000 extends SqlMigration {
  readonly name = 'Access1764000000000';

  protected readonly sqlite = {
    up: [
      'CREATE TABLE "temporary_users" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar(255) NOT NULL, "email" varchar(255), "roles" text NOT NULL, "disabled" boolean NOT NULL, "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, "passwordHash" varchar(255), CONSTRAINT "uq_users_email" UNIQUE ("email"))',
      'INSERT INTO "temporary_users"("id", "name", "email", "roles", "disabled", "createdAt", "updatedAt") SELECT "id", "name", "email", "roles", "disabled", "createdAt", "updatedAt" FROM "users"',
      'DROP TABLE "users"',
      'ALTER TABLE "temporary_users" RENAME TO "users"',
      'CREATE TABLE "temporary_sessions" ("id" varchar(36) PRIMARY KEY NOT NULL, "userId" varchar(36) NOT NULL, "tokenHash" varchar(64) NOT NULL, "csrfToken" varchar(64) NOT NULL, "userAgent" text, "expiresAt" datetime(3) NOT NULL, "lastUsedAt" datetime(3) NOT NULL, "createdAt" datetime(3) NOT NULL, "address" varchar(40), CONSTRAINT "uq_sessions_tokenHash" UNIQUE ("tokenHash"), CONSTRAINT "fk_sessions_userId" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_sessions"("id", "userId", "tokenHash", "csrfToken", "userAgent", "expiresAt", "lastUsedAt", "createdAt") SELECT "id", "userId", "tokenHash", "csrfToken", "userAgent", "expiresAt", "lastUsedAt", "createdAt" FROM "sessions"',
      'DROP TABLE "sessions"',
      'ALTER TABLE "temporary_sessions" RENAME TO "sessions"',
      'CREATE TABLE "roles" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar(40) NOT NULL, "description" text NOT NULL, "permissions" text NOT NULL, "seeded" boolean NOT NULL, "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, CONSTRAINT "uq_roles_name" UNIQUE ("name"))',
      'CREATE TABLE "repository_grants" ("id" varchar(36) PRIMARY KEY NOT NULL, "userId" varchar(36) NOT NULL, "repositoryId" varchar(36) NOT NULL, "role" varchar(40) NOT NULL, "createdAt" datetime(3) NOT NULL, CONSTRAINT "uq_repository_grants_userId_repositoryId" UNIQUE ("userId", "repositoryId"), CONSTRAINT "fk_repository_grants_userId" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, CONSTRAINT "fk_repository_grants_repositoryId" FOREIGN KEY ("repositoryId") REFERENCES "repositories" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'CREATE TABLE "accounts" ("id" varchar(36) PRIMARY KEY NOT NULL, "userId" varchar(36) NOT NULL, "provider" varchar(40) NOT NULL, "subject" varchar(255) NOT NULL, "login" varchar(255) NOT NULL, "email" varchar(255) NOT NULL, "createdAt" datetime(3) NOT NULL, CONSTRAINT "uq_accounts_provider_subject" UNIQUE ("provider", "subject"), CONSTRAINT "fk_accounts_userId" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'CREATE TABLE "api_tokens" ("id" varchar(36) PRIMARY KEY NOT NULL, "userId" varchar(36) NOT NULL, "name" varchar(255) NOT NULL, "prefix" varchar(40) NOT NULL, "tokenHash" varchar(64) NOT NULL, "scopes" text NOT NULL, "expiresAt" datetime(3) NOT NULL, "lastUsedAt" datetime(3), "createdAt" datetime(3) NOT NULL, CONSTRAINT "uq_api_tokens_tokenHash" UNIQUE ("tokenHash"), CONSTRAINT "fk_api_tokens_userId" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'CREATE TABLE "audit_entries" ("id" integer PRIMARY KEY NOT NULL, "at" datetime(3) NOT NULL, "actorId" varchar(36), "actorName" varchar(255) NOT NULL, "apiTokenId" varchar(36), "address" varchar(40), "action" varchar(255) NOT NULL, "subjectType" varchar(40) NOT NULL, "subjectId" varchar(36), "repositoryId" varchar(36), "before" text, "after" text, "previousHash" varchar(64) NOT NULL, "hash" varchar(64) NOT NULL)',
      'CREATE INDEX "ix_audit_entries_subjectId" ON "audit_entries" ("subjectId")',
      'CREATE INDEX "ix_audit_entries_at" ON "audit_entries" ("at")',
      'CREATE TABLE "audit_head" ("id" integer PRIMARY KEY NOT NULL, "lastId" integer NOT NULL, "lastHash" varchar(64) NOT NULL)',
      'INSERT INTO "audit_head"("id", "lastId", "lastHash") VALUES (1, 0, \'\')',
    ],
    down: [
      'DROP TABLE "audit_head"',
      'DROP INDEX "ix_audit_entries_at"',
      'DROP INDEX "ix_audit_entries_subjectId"',
      'DROP TABLE "audit_entries"',
      'DROP TABLE "api_tokens"',
      'DROP TABLE "accounts"',
      'DROP TABLE "repository_grants"',
      'DROP TABLE "roles"',
      'CREATE TABLE "temporary_users" ("id" varchar(36) PRIMARY KEY NOT NULL, "name" varchar(255) NOT NULL, "email" varchar(255), "roles" text NOT NULL, "disabled" boolean NOT NULL, "createdAt" datetime(3) NOT NULL, "updatedAt" datetime(3) NOT NULL, CONSTRAINT "uq_users_email" UNIQUE ("email"))',
      'INSERT INTO "temporary_users"("id", "name", "email", "roles", "disabled", "createdAt", "updatedAt") SELECT "id", "name", "email", "roles", "disabled", "createdAt", "updatedAt" FROM "users"',
      'DROP TABLE "users"',
      'ALTER TABLE "temporary_users" RENAME TO "users"',
      'CREATE TABLE "temporary_sessions" ("id" varchar(36) PRIMARY KEY NOT NULL, "userId" varchar(36) NOT NULL, "tokenHash" varchar(64) NOT NULL, "csrfToken" varchar(64) NOT NULL, "userAgent" text, "expiresAt" datetime(3) NOT NULL, "lastUsedAt" datetime(3) NOT NULL, "createdAt" datetime(3) NOT NULL, CONSTRAINT "uq_sessions_tokenHash" UNIQUE ("tokenHash"), CONSTRAINT "fk_sessions_userId" FOREIGN KEY ("userId") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
      'INSERT INTO "temporary_sessions"("id", "userId", "tokenHash", "csrfToken", "userAgent", "expiresAt", "lastUsedAt", "createdAt") SELECT "id", "userId", "tokenHash", "csrfToken", "userAgent", "expiresAt", "lastUsedAt", "createdAt" FROM "sessions"',
      'DROP TABLE "sessions"',
      'ALTER TABLE "temporary_sessions" RENAME TO "sessions"',
    ],
  };

  protected readonly mysql = {
    up: [
      'ALTER TABLE `users` ADD `passwordHash` varchar(255) NULL',
      'ALTER TABLE `sessions` ADD `address` varchar(40) NULL',
      'CREATE TABLE `roles` (`id` varchar(36) NOT NULL, `name` varchar(40) NOT NULL, `description` longtext NOT NULL, `permissions` longtext NOT NULL, `seeded` tinyint NOT NULL, `createdAt` datetime(3) NOT NULL, `updatedAt` datetime(3) NOT NULL, UNIQUE INDEX `uq_roles_name` (`name`), PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'CREATE TABLE `repository_grants` (`id` varchar(36) NOT NULL, `userId` varchar(36) NOT NULL, `repositoryId` varchar(36) NOT NULL, `role` varchar(40) NOT NULL, `createdAt` datetime(3) NOT NULL, UNIQUE INDEX `uq_repository_grants_userId_repositoryId` (`userId`, `repositoryId`), CONSTRAINT `fk_repository_grants_userId` FOREIGN KEY (`userId`) REFERENCES `users` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION, CONSTRAINT `fk_repository_grants_repositoryId` FOREIGN KEY (`repositoryId`) REFERENCES `repositories` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'CREATE TABLE `accounts` (`id` varchar(36) NOT NULL, `userId` varchar(36) NOT NULL, `provider` varchar(40) NOT NULL, `subject` varchar(255) NOT NULL, `login` varchar(255) NOT NULL, `email` varchar(255) NOT NULL, `createdAt` datetime(3) NOT NULL, UNIQUE INDEX `uq_accounts_provider_subject` (`provider`, `subject`), CONSTRAINT `fk_accounts_userId` FOREIGN KEY (`userId`) REFERENCES `users` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'CREATE TABLE `api_tokens` (`id` varchar(36) NOT NULL, `userId` varchar(36) NOT NULL, `name` varchar(255) NOT NULL, `prefix` varchar(40) NOT NULL, `tokenHash` varchar(64) NOT NULL, `scopes` longtext NOT NULL, `expiresAt` datetime(3) NOT NULL, `lastUsedAt` datetime(3) NULL, `createdAt` datetime(3) NOT NULL, UNIQUE INDEX `uq_api_tokens_tokenHash` (`tokenHash`), CONSTRAINT `fk_api_tokens_userId` FOREIGN KEY (`userId`) REFERENCES `users` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'CREATE TABLE `audit_entries` (`id` int NOT NULL, `at` datetime(3) NOT NULL, `actorId` varchar(36) NULL, `actorName` varchar(255) NOT NULL, `apiTokenId` varchar(36) NULL, `address` varchar(40) NULL, `action` varchar(255) NOT NULL, `subjectType` varchar(40) NOT NULL, `subjectId` varchar(36) NULL, `repositoryId` varchar(36) NULL, `before` longtext NULL, `after` longtext NULL, `previousHash` varchar(64) NOT NULL, `hash` varchar(64) NOT NULL, INDEX `ix_audit_entries_subjectId` (`subjectId`), INDEX `ix_audit_entries_at` (`at`), PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'CREATE TABLE `audit_head` (`id` int NOT NULL, `lastId` int NOT NULL, `lastHash` varchar(64) NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      "INSERT INTO `audit_head`(`id`, `lastId`, `lastHash`) VALUES (1, 0, '')",
    ],
    down: [
      'DROP TABLE `audit_head`',
      'DROP INDEX `ix_audit_entries_subjectId` ON `audit_entries`',
      'DROP INDEX `ix_audit_entries_at` ON `audit_entries`',
      'DROP TABLE `audit_entries`',
      'ALTER TABLE `api_tokens` DROP FOREIGN KEY `fk_api_tokens_userId`',
      'DROP INDEX `uq_api_tokens_tokenHash` ON `api_tokens`',
      'DROP TABLE `api_tokens`',
      'ALTER TABLE `accounts` DROP FOREIGN KEY `fk_accounts_userId`',
      'DROP INDEX `uq_accounts_provider_subject` ON `accounts`',
      'DROP TABLE `accounts`',
      'ALTER TABLE `repository_grants` DROP FOREIGN KEY `fk_repository_grants_repositoryId`',
      'ALTER TABLE `repository_grants` DROP FOREIGN KEY `fk_repository_grants_userId`',
      'DROP INDEX `uq_repository_grants_userId_repositoryId` ON `repository_grants`',
      'DROP TABLE `repository_grants`',
      'DROP INDEX `uq_roles_name` ON `roles`',
      'DROP TABLE `roles`',
      'ALTER TABLE `users` DROP COLUMN `passwordHash`',
      'ALTER TABLE `sessions` DROP COLUMN `address`',
    ],
  };
}
