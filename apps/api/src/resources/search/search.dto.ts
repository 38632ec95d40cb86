import { HIT_REASONS, type HitReasonKind } from '@teko/contracts';
import type { HitReason, SearchAnswer, SearchHit } from '@teko/domain';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, OmitType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { Id, Nested, Num, OneOf, Text } from '../../http/fields';

const MAX_HITS = 50;
/** What servers and proxies let through in an address, where it is no more than letters and digits. */
const MAX_QUERY_STRING_CHARACTERS = 6_000;
/** A whole ticket can be the question. */
const MAX_CHARACTERS = 20_000;

export class HitReasonDto implements HitReason {
  @OneOf(HIT_REASONS, 'A path or symbol was named, words are the same, or the meaning is near.') kind: HitReasonKind;
  @Text('The words, symbol or path; how near the meaning is, up to 1.', 'round, price') detail: string;
}

/** A piece of code that answers a question. */
export class SearchHitDto implements SearchHit {
  @Id('Repository.') repositoryId: string;
  @Text('Commit that the lines are of.', '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b') commit: string;
  @Text('File.', 'src/price.ts') path: string;
  @Num('First line, from 1.', 12) startLine: number;
  @Num('Last line.', 31) endLine: number;
  @Text('What the lines define.', 'Price.round', { nullable: true }) symbol: string | null;
  @Text('Language.', 'TypeScript', { nullable: true }) language: string | null;
  @Text('The lines, cut where they are many.', 'round(): Price {') snippet: string;
  @Num('For comparison within one answer.', 0.12) score: number;
  @Nested(() => HitReasonDto, 'Why it was found.', { isArray: true }) why: HitReasonDto[];
}

/** What a search answers. */
export class SearchAnswerDto implements SearchAnswer {
  @Nested(() => SearchHitDto, 'The best first.', { isArray: true }) hits: SearchHitDto[];
  @Text('What makes this answer worse than it could be; null where nothing does.', 'Found by words alone.', {
    nullable: true,
  })
  notice: string | null;
}

/** What can be told beside the question. */
class SearchOptions {
  @ApiProperty({ type: String, required: false, maxLength: 500, description: 'Only below this folder or file.' })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  @MaxLength(500, { message: 'must have at most 500 characters' })
  path?: string;

  @ApiProperty({
    type: Number,
    required: false,
    default: 10,
    minimum: 1,
    maximum: MAX_HITS,
    description: 'Most hits.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(MAX_HITS, { message: `must be at most ${MAX_HITS}` })
  limit = 10;

  @ApiProperty({ type: String, isArray: true, required: false, description: 'Only in these repositories.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value : [value]))
  @IsArray()
  @ArrayMaxSize(100, { message: 'must be at most 100 values' })
  @IsString({ each: true, message: 'must be text' })
  repositoryId?: string[];
}

function Question(most: number) {
  const example = 'where is it rounded';
  return applyDecorators(
    ApiProperty({ type: String, maxLength: most, description: 'The question.', example }),
    IsString({ message: 'must be given once' }),
    MinLength(1, { message: 'must not be empty' }),
    MaxLength(most, { message: `must have at most ${most} characters` }),
  );
}

/** A question to all repositories that the caller may read, or to some of them. */
export class SearchQuery extends SearchOptions {
  @Question(MAX_QUERY_STRING_CHARACTERS) q: string;
}

/** The same, as the body of a request. */
export class SearchDto extends SearchOptions {
  @Question(MAX_CHARACTERS) q: string;
}

/** A question to one repository. */
export class RepositorySearchQuery extends OmitType(SearchQuery, ['repositoryId'] as const) {}
