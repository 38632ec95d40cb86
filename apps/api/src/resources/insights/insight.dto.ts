import { INSIGHT_KINDS, INSIGHT_LIMITS, INSIGHT_SOURCES, type InsightKind, type InsightSource } from '@teko/contracts';
import type { Insight } from '@teko/domain';
import { applyDecorators } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator';
import { Flag, Id, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const PATH = 'src/week.ts';

class WholeInsightDto implements Insight {
  @Id('Identifier.') id: string;
  @Id('Repository.') repositoryId: string;
  @OneOf(INSIGHT_KINDS, 'What it is about.') kind: InsightKind;
  @Text('The fact, on one line.', 'The tests need TZ=UTC.') text: string;
  @Text('File that it is about; null where it is about all of the repository.', PATH, { nullable: true })
  path: string | null;
  @Text("The file's content when it was written down, by git's id.", '8ab686eafeb1f44702738c8b0f24f2567c36da6d', {
    nullable: true,
  })
  blob: string | null;
  fingerprint: string;
  @OneOf(INSIGHT_SOURCES, 'Who wrote it down: an agent at work, a review, or a person.') source: InsightSource;
  @Id('The run or the user that wrote it.') sourceId: string;
  @Text('Its name.', 'Run 12') author: string;
  @Flag('It is given to agents first, and does not go stale.', false) pinned: boolean;
  @When('When its file was first seen changed: since then it is not given to agents. Null while it holds.', {
    nullable: true,
  })
  staleAt: Date | null;
  @When('Created.') createdAt: Date;
  @When('Last said or changed.') updatedAt: Date;
}

/** A fact about a repository that agents and people wrote down for later work. */
export class InsightDto extends OmitType(WholeInsightDto, ['fingerprint'] as const) {}

export function insightDto({ fingerprint: _fingerprint, ...insight }: Insight): InsightDto {
  return insight;
}

interface Shown {
  required?: boolean;
}

const Kind = (more: Shown = {}) =>
  applyDecorators(
    OneOf(INSIGHT_KINDS, 'What it is about.', more),
    IsIn(INSIGHT_KINDS, { message: `must be one of ${INSIGHT_KINDS.join(', ')}` }),
  );

const Fact = (more: Shown = {}) =>
  applyDecorators(
    Text('The fact. It is kept on one line.', 'The tests need TZ=UTC.', { ...more, maxLength: INSIGHT_LIMITS.text }),
    MaxLength(INSIGHT_LIMITS.text, {
      message: `must be text of at most ${INSIGHT_LIMITS.text} characters; say it shorter, or as several facts`,
    }),
  );

const Path = () =>
  applyDecorators(
    Text('File that it follows from: once that changes, the fact is not used any more.', PATH, {
      ...{ required: false, nullable: true, maxLength: INSIGHT_LIMITS.path },
      example: null,
    }),
    IsOptional(),
    MaxLength(INSIGHT_LIMITS.path, { message: `must be text of at most ${INSIGHT_LIMITS.path} characters` }),
  );

/** Left out it stays as it is; null is no value for it. */
const WhereGiven = () => ValidateIf((_, value) => value !== undefined);

export class CreateInsightDto {
  @Id('Repository that it is about.')
  @IsString({ message: 'must name a repository' })
  repositoryId: string;

  @Kind() kind: InsightKind;
  @Fact() text: string;
  @Path() path?: string | null;
}

export class UpdateInsightDto {
  @WhereGiven() @Kind({ required: false }) kind?: InsightKind;
  @WhereGiven() @Fact({ required: false }) text?: string;
  @Path() path?: string | null;

  @Flag('Give it to agents first, and do not let it go stale.', true, { required: false })
  @WhereGiven()
  @IsBoolean({ message: 'must be true or false' })
  pinned?: boolean;
}

export class PurgeInsightsDto {
  @Id('Repository.')
  @IsString({ message: 'must name a repository' })
  repositoryId: string;

  @OneOf(INSIGHT_SOURCES, 'What kind of writer.')
  @IsIn(INSIGHT_SOURCES, { message: `must be one of ${INSIGHT_SOURCES.join(', ')}` })
  source: InsightSource;

  @Id('The run or the user that wrote them; without it all of that kind.', { required: false, nullable: true })
  @IsOptional()
  @IsString({ message: 'must name a run or a user' })
  @MinLength(1, { message: 'must name a run or a user; leave it out to mean all of that kind' })
  sourceId?: string | null;
}

/** What a purge came to. */
export class PurgedInsightsDto {
  @Id('Repository.') repositoryId: string;
  @OneOf(INSIGHT_SOURCES, 'The kind of writer.') source: InsightSource;
  @Id('The run or the user; null where all of that kind went.', { nullable: true }) sourceId: string | null;
  @Num('Facts that were deleted.', 3) purged: number;
}

export class InsightListQuery extends listQueryOf({
  sort: ['updatedAt', 'createdAt', 'kind'],
  order: 'DESC',
  search: 'Text in fact, path or author.',
  filters: {
    repositoryId: null,
    kind: INSIGHT_KINDS,
    source: INSIGHT_SOURCES,
    sourceId: null,
    pinned: ['true', 'false'],
    stale: ['true', 'false'],
  },
}) {}
