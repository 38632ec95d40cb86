import {
  APPROVAL_RULES,
  APPROVERS,
  PLAN_RULES,
  REPOSITORY_STATUSES,
  type ApprovalRule,
  type Approvers,
  type PlanRule,
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
import { IsIn, IsInt, IsOptional, IsString, Matches } from 'class-validator';
import { Counts, Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const FORGES = ['local', 'github'] as const;

/** A code repository under care. */
export class RepositoryDto implements Repository {
  @Id('Identifier.') id: string;
  @Text('Name people use.', 'billing') name: string;
  @Text('Path on the host of Teko, or git URL.', '/srv/git/billing.git') url: string;
  @OneOf(FORGES, 'Where branches and change requests live.') forge: Repository['forge'];
  @Text('Its identifier there, which survives renames; null on this host.', '186853002', { nullable: true })
  forgeId: string | null;
  @Text('Its name there; null on this host.', 'acme/billing', { nullable: true }) forgeName: string | null;
  @Flag('Nothing is taken in any more.', false) archived: boolean;
  @Text('Label that asks for work on an issue.', 'teko') intakeLabel: string;
  @When('When the forge was last asked what webhooks have lost.', { nullable: true }) reconciledAt: Date | null;
  @Num('What webhooks lost and asking found, so far.', 0) missedEvents: number;
  @Text('Known after the first fetch.', 'main', { nullable: true }) defaultBranch: string | null;
  @OneOf(REPOSITORY_STATUSES, 'Whether it is fetched and analysed.') status: Repository['status'];
  @Text('Why the last fetch or analysis failed.', 'The branch main has no commit.', { nullable: true })
  statusReason: string | null;
  @Text('Tip of the default branch at the last fetch.', '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b', { nullable: true })
  headCommit: string | null;
  @Text('Installs dependencies; null means as detected.', 'npm ci', { nullable: true }) setupCommand: string | null;
  @Text('Runs the tests; null means as detected.', 'npm test', { nullable: true }) testCommand: string | null;
  @Text('Runs the linter; null means as detected.', 'npm run lint', { nullable: true }) lintCommand: string | null;
  @Text('Builds; null means as detected.', 'npm run build', { nullable: true }) buildCommand: string | null;
  @OneOf(APPROVAL_RULES, 'Which changes wait for an approval.') approvalRule: ApprovalRule;
  @OneOf(APPROVERS, 'Who may approve: anyone with the permission, or not who asked for the work.') approvers: Approvers;
  @OneOf(PLAN_RULES, 'Whether a plan is approved before the agent changes anything.') planRule: PlanRule;
  @Num('Its share of the workers against other repositories.', 1) weight: number;
  @Flag('Belongs to the demo workspace.', false) demo: boolean;
  @When('Last fetch.', { nullable: true }) fetchedAt: Date | null;
  @When('Created.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

/** What it takes to add a repository. */
export class CreateRepositoryDto {
  @Text('Name people use.', 'billing', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  name: string;

  @Text('Path on the host of Teko, or git URL without a credential.', '/srv/git/billing.git', { maxLength: 500 })
  @IsString({ message: 'must be text' })
  url: string;

  @Text('Installs dependencies; empty means as detected.', 'npm ci', { nullable: true, required: false })
  @IsOptional()
  @IsString({ message: 'must be text' })
  setupCommand?: string | null;

  @Text('Runs the tests; empty means as detected.', 'npm test', { nullable: true, required: false })
  @IsOptional()
  @IsString({ message: 'must be text' })
  testCommand?: string | null;

  @Text('Runs the linter; empty means as detected.', 'npm run lint', { nullable: true, required: false })
  @IsOptional()
  @IsString({ message: 'must be text' })
  lintCommand?: string | null;

  @Text('Builds; empty means as detected.', 'npm run build', { nullable: true, required: false })
  @IsOptional()
  @IsString({ message: 'must be text' })
  buildCommand?: string | null;

  @OneOf(APPROVAL_RULES, 'Which changes wait for an approval; `risky` ones touch CI, dependencies or lock files.', {
    required: false,
  })
  @IsOptional()
  @IsIn(APPROVAL_RULES, { message: `must be one of ${APPROVAL_RULES.join(', ')}` })
  approvalRule?: ApprovalRule;

  @OneOf(APPROVERS, 'Who may approve: anyone with the permission, or not who asked for the work.', { required: false })
  @IsOptional()
  @IsIn(APPROVERS, { message: `must be one of ${APPROVERS.join(', ')}` })
  approvers?: Approvers;

  @OneOf(PLAN_RULES, 'Whether a plan is approved before the agent changes anything.', { required: false })
  @IsOptional()
  @IsIn(PLAN_RULES, { message: `must be one of ${PLAN_RULES.join(', ')}` })
  planRule?: PlanRule;

  @Num('Its share of the workers against other repositories, 1 to 100.', 1, { required: false })
  @IsOptional()
  @IsInt({ message: 'must be a whole number' })
  weight?: number;

  @Text('Label that asks for work on an issue; `teko` where not given.', 'teko', { required: false, maxLength: 50 })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @Matches(/^[^,]{1,50}$/, { message: 'must have 1 to 50 characters and no comma' })
  intakeLabel?: string;
}

/** What can be changed about a repository. */
export class UpdateRepositoryDto extends PartialType(
  PickType(CreateRepositoryDto, [
    'name',
    'setupCommand',
    'testCommand',
    'lintCommand',
    'buildCommand',
    'approvalRule',
    'approvers',
    'planRule',
    'weight',
    'intakeLabel',
  ] as const),
) {}

/** What it takes to import a repository. */
export class ImportRepositoryDto extends UpdateRepositoryDto {
  @Text('Its name on GitHub.', 'acme/billing', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  @Matches(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, { message: 'must look like owner/name' })
  forgeName: string;
}

export class RepositoryListQuery extends listQueryOf({
  sort: ['createdAt', 'name', 'updatedAt'],
  order: 'DESC',
  search: 'Text in name or url.',
  filters: { status: REPOSITORY_STATUSES, forge: FORGES, archived: ['true', 'false'], demo: ['true', 'false'] },
}) {}

export class LanguageShareDto implements LanguageShare {
  @Text('Language.', 'TypeScript') name: string;
  @Num('Bytes.', 48210) bytes: number;
  @Num('Files.', 37) files: number;
  @Num('Percent of all counted bytes.', 91.4) share: number;
}

export class GateCommandsDto implements GateCommands {
  @Text('Installs dependencies.', 'npm ci', { nullable: true }) setup: string | null;
  @Text('Runs the tests.', 'npm test', { nullable: true }) test: string | null;
  @Text('Runs the linter.', 'npm run lint', { nullable: true }) lint: string | null;
  @Text('Builds.', 'npm run build', { nullable: true }) build: string | null;
}

export class ToolchainDto implements Toolchain {
  @Text('Language agent that works with it.', 'typescript') language: string;
  @Text('Folder; empty is the top.', '') root: string;
  @Text('Package manager.', 'npm', { nullable: true }) packageManager: string | null;
  @Text('Test runner.', 'vitest', { nullable: true }) testRunner: string | null;
  @Nested(() => GateCommandsDto, 'Its commands.') commands: GateCommandsDto;
}

/** A folder of code. */
export class CodeModuleDto implements CodeModule {
  @Text('Folder; `.` is the top.', 'src/billing') path: string;
  @Num('Files in it.', 21) files: number;
  @Num('Their bytes.', 48210) bytes: number;
  @Text('The language with most bytes.', 'TypeScript', { nullable: true }) language: string | null;
  @Num('Changes of its files in the newest commits.', 37) commits: number;
}

/** A file that work keeps coming back to. */
export class HotSpotDto implements HotSpot {
  @Text('File.', 'src/billing/price.ts') path: string;
  @Num('Its bytes.', 8120) bytes: number;
  @Num('Changes in the newest commits.', 14) commits: number;
  @Num('Number of authors.', 4) authors: number;
  @When('The last one.') lastChangedAt: string;
}

/** What analysis found out about one commit of a repository. */
export class CodebaseProfileDto implements CodebaseProfile {
  @Id('Identifier.') id: string;
  @Id('Repository.') repositoryId: string;
  @Text('Commit that was analysed.', '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b') commit: string;
  @Nested(() => LanguageShareDto, 'Languages, largest first.', { isArray: true }) languages: LanguageShareDto[];
  @Text('Frameworks.', 'NestJS', { isArray: true }) frameworks: string[];
  @Text('Package managers.', 'npm', { isArray: true }) packageManagers: string[];
  @Nested(() => ToolchainDto, 'Toolchains.', { isArray: true }) toolchains: ToolchainDto[];
  @Nested(() => GateCommandsDto, 'Commands of the main toolchain, as detected.') commands: GateCommandsDto;
  @Num('Files counted.', 52) totalFiles: number;
  @Num('Bytes counted.', 52711) totalBytes: number;
  @Counts('Files left out, by reason.', { vendored: 12 }) excluded: Record<string, number>;
  @Nested(() => CodeModuleDto, 'Folders, the largest first; null from earlier versions.', {
    isArray: true,
    nullable: true,
  })
  modules: CodeModuleDto[] | null;
  @Nested(() => HotSpotDto, 'Files that are large and often changed; null from earlier versions.', {
    isArray: true,
    nullable: true,
  })
  hotSpots: HotSpotDto[] | null;
  @When('When it was analysed.') createdAt: Date;
}
