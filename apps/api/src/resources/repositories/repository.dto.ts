import {
  APPROVAL_RULE_MEANINGS,
  APPROVAL_RULES,
  APPROVERS,
  APPROVERS_MEANINGS,
  PLAN_RULES,
  REPOSITORY_STATUSES,
  UNPROVEN_RULE_MEANINGS,
  UNPROVEN_RULES,
  type ApprovalRule,
  type Approvers,
  type PlanRule,
  type UnprovenRule,
} from '@teko/contracts';
import type {
  CodebaseProfile,
  CodeModule,
  GateCommands,
  HotSpot,
  LanguageShare,
  Repository,
  Toolchain,
} from '@teko/domain';
import { PartialType, PickType } from '@nestjs/swagger';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Matches } from 'class-validator';
import { Counts, Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const FORGES = ['local', 'github'] as const;

/** A code repository that Teko manages. */
export class RepositoryDto implements Repository {
  @Id('Unique ID.') id: string;
  @Text('Display name.', 'billing') name: string;
  @Text('Path on the Teko host, or Git URL.', '/srv/git/billing.git') url: string;
  @OneOf(FORGES, 'Forge with the branches and pull requests.') forge: Repository['forge'];
  @Text('ID on the forge, which survives renames; null for a local repository.', '186853002', {
    nullable: true,
    example: null,
  })
  forgeId: string | null;
  @Text('Name on the forge; null for a local repository.', 'acme/billing', { nullable: true, example: null })
  forgeName: string | null;
  @Flag('Whether the repository is archived; Teko then accepts no new tasks for it.', false) archived: boolean;
  @Text('Label that starts a task when it is added to an issue.', 'teko') intakeLabel: string;
  @When('When the repository was last reconciled with the forge; null if never.', { nullable: true, example: null })
  reconciledAt: Date | null;
  @Num('Number of events that webhooks missed and reconciliation found.', 0) missedEvents: number;
  @Text('Default branch; null before the first fetch.', 'main', { nullable: true }) defaultBranch: string | null;
  @OneOf(REPOSITORY_STATUSES, 'Status of fetch and analysis.', { example: 'ready' }) status: Repository['status'];
  @Text('Why the last fetch or analysis failed.', 'The branch main has no commit.', { nullable: true, example: null })
  statusReason: string | null;
  @Text('Head commit of the default branch at the last fetch.', '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b', {
    nullable: true,
  })
  headCommit: string | null;
  @Text('Command that installs dependencies; null uses the detected one.', 'npm ci', { nullable: true })
  setupCommand: string | null;
  @Text('Command that runs the tests; null uses the detected one.', 'npm test', { nullable: true })
  testCommand: string | null;
  @Text('Lint command, shown to the agent; Teko does not run it. Null uses the detected one.', 'npm run lint', {
    nullable: true,
  })
  lintCommand: string | null;
  @Text('Build command, shown to the agent; Teko does not run it. Null uses the detected one.', 'npm run build', {
    nullable: true,
  })
  buildCommand: string | null;
  @OneOf(APPROVAL_RULES, 'Which changes need approval.', { meanings: APPROVAL_RULE_MEANINGS, example: 'risky' })
  approvalRule: ApprovalRule;
  @Text('Patterns of sensitive files, as in .gitignore, that can change without approval.', 'package-lock.json', {
    isArray: true,
    nullable: true,
  })
  preapprovedPaths: string[] | null;
  @OneOf(UNPROVEN_RULES, 'What happens to a result that its tests do not prove.', { meanings: UNPROVEN_RULE_MEANINGS })
  unprovenRule: UnprovenRule;
  @OneOf(APPROVERS, 'Who can approve.', { meanings: APPROVERS_MEANINGS })
  approvers: Approvers;
  @OneOf(PLAN_RULES, 'Whether the plan needs approval before the agent changes anything.') planRule: PlanRule;
  @Num('Share of the workers relative to other repositories.', 1) weight: number;
  @Flag('Whether it belongs to the demo workspace.', false) demo: boolean;
  @When('When it was last fetched.', { nullable: true }) fetchedAt: Date | null;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

/** A repository to create. */
export class CreateRepositoryDto {
  @Text('Display name.', 'billing', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  name: string;

  @Text('Path on the Teko host, or Git URL without credentials.', '/srv/git/billing.git', { maxLength: 500 })
  @IsString({ message: 'must be text' })
  url: string;

  @Text('Command that installs dependencies; null or empty uses the detected one.', 'npm ci', {
    nullable: true,
    required: false,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  setupCommand?: string | null;

  @Text('Command that runs the tests; null or empty uses the detected one.', 'npm test', {
    nullable: true,
    required: false,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  testCommand?: string | null;

  @Text(
    'Lint command, shown to the agent; Teko does not run it. Null or empty uses the detected one.',
    'npm run lint',
    {
      nullable: true,
      required: false,
    },
  )
  @IsOptional()
  @IsString({ message: 'must be text' })
  lintCommand?: string | null;

  @Text(
    'Build command, shown to the agent; Teko does not run it. Null or empty uses the detected one.',
    'npm run build',
    {
      nullable: true,
      required: false,
    },
  )
  @IsOptional()
  @IsString({ message: 'must be text' })
  buildCommand?: string | null;

  @OneOf(APPROVAL_RULES, 'Which changes need approval; `risky` by default.', {
    required: false,
    meanings: APPROVAL_RULE_MEANINGS,
    example: 'risky',
  })
  @IsOptional()
  @IsIn(APPROVAL_RULES, { message: `must be one of ${APPROVAL_RULES.join(', ')}` })
  approvalRule?: ApprovalRule;

  @Text(
    'Patterns of sensitive files, as in .gitignore, that can change without approval. They do not apply to `.teko.yml`, instructions for agents, links, submodules and misleading names. Null or empty for none.',
    'package-lock.json',
    { isArray: true, nullable: true, required: false },
  )
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @IsString({ each: true, message: 'must be a list of texts' })
  preapprovedPaths?: string[] | null;

  @OneOf(UNPROVEN_RULES, 'What happens to a result that its tests do not prove; `keep_branch` by default.', {
    required: false,
    meanings: UNPROVEN_RULE_MEANINGS,
  })
  @IsOptional()
  @IsIn(UNPROVEN_RULES, { message: `must be one of ${UNPROVEN_RULES.join(', ')}` })
  unprovenRule?: UnprovenRule;

  @OneOf(APPROVERS, 'Who can approve; `anyone` by default.', { required: false, meanings: APPROVERS_MEANINGS })
  @IsOptional()
  @IsIn(APPROVERS, { message: `must be one of ${APPROVERS.join(', ')}` })
  approvers?: Approvers;

  @OneOf(PLAN_RULES, 'Whether the plan needs approval before the agent changes anything.', { required: false })
  @IsOptional()
  @IsIn(PLAN_RULES, { message: `must be one of ${PLAN_RULES.join(', ')}` })
  planRule?: PlanRule;

  @Num('Share of the workers relative to other repositories, 1 to 100.', 1, { required: false })
  @IsOptional()
  @IsInt({ message: 'must be a whole number' })
  weight?: number;

  @Text('Label that starts a task when it is added to an issue; `teko` by default.', 'teko', {
    required: false,
    maxLength: 50,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @Matches(/^[^,]{1,50}$/, { message: 'must have 1 to 50 characters and no comma' })
  intakeLabel?: string;
}

/** Fields of a repository that can be updated. */
export class UpdateRepositoryDto extends PartialType(
  PickType(CreateRepositoryDto, [
    'name',
    'setupCommand',
    'testCommand',
    'lintCommand',
    'buildCommand',
    'approvalRule',
    'preapprovedPaths',
    'unprovenRule',
    'approvers',
    'planRule',
    'weight',
    'intakeLabel',
  ] as const),
) {}

/** A repository to import from GitHub. */
export class ImportRepositoryDto extends UpdateRepositoryDto {
  @Text('Name on GitHub, `owner/name`.', 'acme/billing', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  @Matches(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, { message: 'must look like owner/name' })
  forgeName: string;
}

export class RepositoryListQuery extends listQueryOf({
  sort: ['createdAt', 'name', 'updatedAt'],
  order: 'DESC',
  search: 'Searches in name and url.',
  filters: { status: REPOSITORY_STATUSES, forge: FORGES, archived: ['true', 'false'], demo: ['true', 'false'] },
}) {}

export class LanguageShareDto implements LanguageShare {
  @Text('Language.', 'TypeScript') name: string;
  @Num('Number of bytes.', 48210) bytes: number;
  @Num('Number of files.', 37) files: number;
  @Num('Percent of all counted bytes.', 91.4) share: number;
}

export class GateCommandsDto implements GateCommands {
  @Text('Command that installs dependencies.', 'npm ci', { nullable: true }) setup: string | null;
  @Text('Command that runs the tests.', 'npm test', { nullable: true }) test: string | null;
  @Text('Lint command.', 'npm run lint', { nullable: true }) lint: string | null;
  @Text('Build command.', 'npm run build', { nullable: true }) build: string | null;
}

export class ToolchainDto implements Toolchain {
  @Text('ID of the language.', 'typescript') language: string;
  @Text('Folder; empty for the root of the repository.', '') root: string;
  @Text('Package manager.', 'npm', { nullable: true }) packageManager: string | null;
  @Text('Test runner.', 'vitest', { nullable: true }) testRunner: string | null;
  @Nested(() => GateCommandsDto, 'Commands of the toolchain.') commands: GateCommandsDto;
}

/** A folder with source code. */
export class CodeModuleDto implements CodeModule {
  @Text('Folder; `.` is the root of the repository.', 'src/billing') path: string;
  @Num('Number of files.', 21) files: number;
  @Num('Number of bytes.', 48210) bytes: number;
  @Text('The language with the most bytes.', 'TypeScript', { nullable: true }) language: string | null;
  @Num('Number of recent commits that changed files of the folder.', 37) commits: number;
}

/** A large file that was changed often in recent commits. */
export class HotSpotDto implements HotSpot {
  @Text('Path of the file.', 'src/billing/price.ts') path: string;
  @Num('Number of bytes.', 8120) bytes: number;
  @Num('Number of recent commits that changed the file.', 14) commits: number;
  @Num('Number of authors.', 4) authors: number;
  @When('When it was last changed.') lastChangedAt: string;
}

/** The result of analysing one commit of a repository. */
export class CodebaseProfileDto implements CodebaseProfile {
  @Id('Unique ID.') id: string;
  @Id('ID of the repository.') repositoryId: string;
  @Text('Commit that was analysed.', '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b') commit: string;
  @Nested(() => LanguageShareDto, 'Languages, largest first.', { isArray: true }) languages: LanguageShareDto[];
  @Text('Frameworks.', 'NestJS', { isArray: true }) frameworks: string[];
  @Text('Package managers.', 'npm', { isArray: true }) packageManagers: string[];
  @Nested(() => ToolchainDto, 'Toolchains.', { isArray: true }) toolchains: ToolchainDto[];
  @Nested(() => GateCommandsDto, 'Commands of the main toolchain, as detected.') commands: GateCommandsDto;
  @Num('Number of counted files.', 52) totalFiles: number;
  @Num('Number of counted bytes.', 52711) totalBytes: number;
  @Counts('Number of excluded files by reason.', { vendored: 12 }) excluded: Record<string, number>;
  @Nested(() => CodeModuleDto, 'Folders with source code, largest first; null in profiles of earlier versions.', {
    isArray: true,
    nullable: true,
  })
  modules: CodeModuleDto[] | null;
  @Nested(
    () => HotSpotDto,
    'Large files that were changed often in recent commits; null in profiles of earlier versions.',
    {
      isArray: true,
      nullable: true,
    },
  )
  hotSpots: HotSpotDto[] | null;
  @When('When it was analysed.') createdAt: Date;
}
