import { PickType } from '@nestjs/swagger';
import type { Diagnosis, ForgeConnection, ExternalRepository } from '@teko/domain';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { Flag, Id, OneOf, Text } from '../../http/fields';
import { ListQueryDto } from '../../http/list-query.dto';

const KINDS = ['app', 'token'] as const;

/** A configured external service. */
export class ConnectionDto {
  @OneOf(['github'], 'External service.') id: 'github';
  @OneOf(KINDS, 'How Teko authenticates; null if the connection is not configured.', { nullable: true })
  kind: ForgeConnection['kind'];
  @Text('Account of Teko; null if the connection is not configured or the service is unreachable.', 'teko[bot]', {
    nullable: true,
  })
  login: string | null;
  @Text('Base URL of the API.', 'https://api.github.com') apiUrl: string;
  @Text('URL to which the service has to send webhooks.', 'https://teko.example/webhooks/github') webhookUrl: string;
  @Flag('Whether the webhook secret is set; without it all webhooks are rejected.', true) hasWebhookSecret: boolean;
}

/** The result of one diagnostic check. */
export class DiagnosisDto implements Diagnosis {
  @Text('Name of the check.', 'credential') name: string;
  @Flag('Whether the check passed.', true) ok: boolean;
  @Text('Result of the check.', 'Signed in as teko[bot].') detail: string;
  @Text('How to fix the problem.', 'Grant the app write permission for issues.', { nullable: true, example: null })
  remedy: string | null;
}

/** A repository that the connection can access. */
export class ImportableRepositoryDto implements ExternalRepository {
  @Text('ID on the forge, which survives renames.', '186853002') forgeId: string;
  @Text('Name on the forge, `owner/name`.', 'acme/billing') forgeName: string;
  @Text('Git URL.', 'https://github.com/acme/billing.git') url: string;
  @Text('Default branch.', 'main') defaultBranch: string;
  @Flag('Whether the repository is archived.', false) archived: boolean;
  @Flag('Whether the repository is private.', true) private: boolean;
  @Text('Description of the repository.', 'Invoices and payments', { nullable: true }) description: string | null;
  @Id('ID of the repository in Teko; null if it is not managed by Teko.', { nullable: true, example: null })
  repositoryId: string | null;
}

export class ImportableRepositoryQuery extends PickType(ListQueryDto, ['page', 'perPage'] as const) {
  @Text('Searches in name and description.', 'billing', { required: false, maxLength: 200 })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  @MaxLength(200, { message: 'must have at most 200 characters' })
  q?: string;
}
