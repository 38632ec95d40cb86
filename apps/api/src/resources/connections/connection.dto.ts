import { PickType } from '@nestjs/swagger';
import type { Diagnosis, ForgeConnection, ExternalRepository } from '@teko/domain';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { Flag, Id, OneOf, Text } from '../../http/fields';
import { ListQueryDto } from '../../http/list-query.dto';

const KINDS = ['app', 'token'] as const;

/** An outside service, as it is set up. */
export class ConnectionDto {
  @OneOf(['github'], 'Which service.') id: 'github';
  @OneOf(KINDS, 'What Teko signs in with; null where nothing is set up.', { nullable: true })
  kind: ForgeConnection['kind'];
  @Text('Who Teko is there; null where nobody is signed in or the service does not answer.', 'teko[bot]', {
    nullable: true,
  })
  login: string | null;
  @Text('Its API.', 'https://api.github.com') apiUrl: string;
  @Text('Where it is to send webhooks.', 'https://teko.example/webhooks/github') webhookUrl: string;
  @Flag('The secret of webhooks is set; without it they are refused.', true) hasWebhookSecret: boolean;
}

/** What was found when one thing was tried. */
export class DiagnosisDto implements Diagnosis {
  @Text('What was looked at.', 'credential') name: string;
  @Flag('It is right.', true) ok: boolean;
  @Text('What was found.', 'Signed in as teko[bot].') detail: string;
  @Text('What to do about it.', 'Give the app the permission to write issues.', { nullable: true })
  remedy: string | null;
}

/** A repository that a connection can see. */
export class ExternalRepositoryDto implements ExternalRepository {
  @Text('The service’s identifier of it, which survives renames.', '186853002') forgeId: string;
  @Text('Its name there.', 'acme/billing') forgeName: string;
  @Text('Git URL.', 'https://github.com/acme/billing.git') url: string;
  @Text('Branch that changes go to.', 'main') defaultBranch: string;
  @Flag('Nothing can be changed there any more.', false) archived: boolean;
  @Flag('Not for everybody’s eyes.', true) private: boolean;
  @Text('What it is.', 'Invoices and payments', { nullable: true }) description: string | null;
  @Id('The repository of Teko, where it is under care already.', { nullable: true }) repositoryId: string | null;
}

export class ExternalRepositoryQuery extends PickType(ListQueryDto, ['page', 'perPage'] as const) {
  @Text('Text in name or description.', 'billing', { required: false, maxLength: 200 })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  @MaxLength(200, { message: 'must have at most 200 characters' })
  q?: string;
}
