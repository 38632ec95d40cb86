import { INSIGHT_KINDS, INSIGHT_LIMITS, INSIGHT_SOURCES, type InsightKind, type InsightSource } from '@teko/contracts';
import type { Insight } from '@teko/domain';
import { applyDecorators } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator';
import { Flag, Id, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const PATH = 'src/week.ts';

class WholeInsightDto implements Insight {
  @Id('Unique ID.') id: string;
  @Id('ID of the repository.') repositoryId: string;
  @OneOf(INSIGHT_KINDS, 'What the insight is about.') kind: InsightKind;
  @Text('The insight, on one line.', 'The tests need TZ=UTC.') text: string;
  @Text('File that the insight is about; null if it is about the whole repository.', PATH, {
    nullable: true,
    example: null,
  })
  path: string | null;
  @Text('Git blob ID of the file when the insight was recorded.', '8ab686eafeb1f44702738c8b0f24f2567c36da6d', {
    nullable: true,
    example: null,
  })
  blob: string | null;
  fingerprint: string;
  @OneOf(INSIGHT_SOURCES, 'Who recorded it: an agent, a review, or a user.', { example: 'user' }) source: InsightSource;
  @Id('ID of the run or user that recorded it.') sourceId: string;
  @Text('Name of the run or user.', 'Ada') author: string;
  @Flag('Whether it is pinned: given to agents first and never stale.', false) pinned: boolean;
  @When('When it became stale because its file changed; a stale insight is not given to agents. Null while valid.', {
    nullable: true,
    example: null,
  })
  staleAt: Date | null;
  @When('When it was created.') createdAt: Date;
  @When('When it was last recorded or updated.') updatedAt: Date;
}

/** Knowledge about a repository, recorded by agents and users and given to later runs. */
export class InsightDto extends OmitType(WholeInsightDto, ['fingerprint'] as const) {}

export function insightDto({ fingerprint: _fingerprint, ...insight }: Insight): InsightDto {
  return insight;
}

interface FieldOptions {
  required?: boolean;
}

const Kind = (options: FieldOptions = {}) =>
  applyDecorators(
    OneOf(INSIGHT_KINDS, 'What the insight is about.', options),
    IsIn(INSIGHT_KINDS, { message: `must be one of ${INSIGHT_KINDS.join(', ')}` }),
  );

const InsightText = (options: FieldOptions = {}) =>
  applyDecorators(
    Text('The insight. Line breaks are replaced with spaces.', 'The tests need TZ=UTC.', {
      ...options,
      maxLength: INSIGHT_LIMITS.text,
    }),
    MaxLength(INSIGHT_LIMITS.text, {
      message: `must be text of at most ${INSIGHT_LIMITS.text} characters; shorten it or split it into several insights`,
    }),
  );

const Path = () =>
  applyDecorators(
    Text('File that the insight is about. Once the file changes, the insight is stale.', PATH, {
      ...{ required: false, nullable: true, maxLength: INSIGHT_LIMITS.path },
      example: null,
    }),
    IsOptional(),
    MaxLength(INSIGHT_LIMITS.path, { message: `must be text of at most ${INSIGHT_LIMITS.path} characters` }),
  );

/** Validates the field only if it is present; null is invalid. */
const IfPresent = () => ValidateIf((_, value) => value !== undefined);

export class CreateInsightDto {
  @Id('ID of the repository.')
  @IsString({ message: 'must name a repository' })
  repositoryId: string;

  @Kind() kind: InsightKind;
  @InsightText() text: string;
  @Path() path?: string | null;
}

export class UpdateInsightDto {
  @IfPresent() @Kind({ required: false }) kind?: InsightKind;
  @IfPresent() @InsightText({ required: false }) text?: string;
  @Path() path?: string | null;

  @Flag('Whether to pin it: given to agents first and never stale.', true, { required: false })
  @IfPresent()
  @IsBoolean({ message: 'must be true or false' })
  pinned?: boolean;
}

export class PurgeInsightsDto {
  @Id('ID of the repository.')
  @IsString({ message: 'must name a repository' })
  repositoryId: string;

  @OneOf(INSIGHT_SOURCES, 'Type of source.')
  @IsIn(INSIGHT_SOURCES, { message: `must be one of ${INSIGHT_SOURCES.join(', ')}` })
  source: InsightSource;

  @Id('ID of the run or user that recorded them; all sources of this type if omitted.', {
    required: false,
    nullable: true,
  })
  @IsOptional()
  @IsString({ message: 'must name a run or a user' })
  @MinLength(1, { message: 'must name a run or a user; omit it to delete the insights of all sources of this type' })
  sourceId?: string | null;
}

/** The result of a purge. */
export class PurgedInsightsDto {
  @Id('ID of the repository.') repositoryId: string;
  @OneOf(INSIGHT_SOURCES, 'Type of source.') source: InsightSource;
  @Id('ID of the run or user; null for all sources of this type.', { nullable: true }) sourceId: string | null;
  @Num('Number of deleted insights.', 3) purged: number;
}

export class InsightListQuery extends listQueryOf({
  sort: ['updatedAt', 'createdAt', 'kind'],
  order: 'DESC',
  search: 'Searches in text, path and author.',
  filters: {
    repositoryId: null,
    kind: INSIGHT_KINDS,
    source: INSIGHT_SOURCES,
    sourceId: null,
    pinned: ['true', 'false'],
    stale: ['true', 'false'],
  },
}) {}
