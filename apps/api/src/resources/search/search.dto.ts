import { HIT_REASONS, type HitReasonKind } from '@teko/contracts';
import type { HitReason, SearchResult, SearchHit } from '@teko/domain';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, OmitType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { Id, Nested, Num, OneOf, Text } from '../../http/fields';

const MAX_HITS = 50;
/** Length of a URL that servers and proxies accept. */
const MAX_QUERY_STRING_CHARACTERS = 6_000;
/** Enough for the text of a ticket. */
const MAX_CHARACTERS = 20_000;

export class HitReasonDto implements HitReason {
  @OneOf(HIT_REASONS, 'What matched: path, symbol, keywords or meaning.') kind: HitReasonKind;
  @Text('The matched words, symbol or path, or the semantic similarity up to 1.', 'round, price') detail: string;
}

/** A piece of code that matches a query. */
export class SearchHitDto implements SearchHit {
  @Id('ID of the repository.') repositoryId: string;
  @Text('Indexed commit that contains the lines.', '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b') commit: string;
  @Text('Path of the file.', 'src/price.ts') path: string;
  @Num('First line, from 1.', 12) startLine: number;
  @Num('Last line.', 31) endLine: number;
  @Text('Symbol that the lines define.', 'Price.round', { nullable: true }) symbol: string | null;
  @Text('Language.', 'TypeScript', { nullable: true }) language: string | null;
  @Text('The lines, truncated if there are many.', 'round(): Price {') snippet: string;
  @Num('Score, only comparable within one result.', 0.12) score: number;
  @Nested(() => HitReasonDto, 'Why it matched.', { isArray: true }) reasons: HitReasonDto[];
}

/** The result of a search. */
export class SearchResultDto implements SearchResult {
  @Nested(() => SearchHitDto, 'Hits, best first.', { isArray: true }) hits: SearchHitDto[];
  @Text('Why the result is degraded; null if it is not.', 'Keyword search only.', {
    nullable: true,
  })
  notice: string | null;
}

/** Options of a search. */
class SearchOptions {
  @ApiProperty({
    type: String,
    required: false,
    maxLength: 500,
    description: 'Limits the search to this folder or file.',
  })
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
    description: 'Maximum number of hits.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(MAX_HITS, { message: `must be at most ${MAX_HITS}` })
  limit = 10;

  @ApiProperty({
    type: String,
    isArray: true,
    required: false,
    description: 'Limits the search to these repositories.',
    example: ['0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11'],
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value : [value]))
  @IsArray()
  @ArrayMaxSize(100, { message: 'must be at most 100 values' })
  @IsString({ each: true, message: 'must be text' })
  repositoryId?: string[];
}

function QueryText(maxLength: number) {
  const example = 'where is it rounded';
  return applyDecorators(
    ApiProperty({ type: String, maxLength, description: 'Text to search for.', example }),
    IsString({ message: 'must be given once' }),
    MinLength(1, { message: 'must not be empty' }),
    MaxLength(maxLength, { message: `must have at most ${maxLength} characters` }),
  );
}

/** A search in all readable repositories, or in some of them. */
export class SearchQuery extends SearchOptions {
  @QueryText(MAX_QUERY_STRING_CHARACTERS) q: string;
}

/** A search query as a request body. */
export class SearchDto extends SearchOptions {
  @QueryText(MAX_CHARACTERS) q: string;
}

/** A search in one repository. */
export class RepositorySearchQuery extends OmitType(SearchQuery, ['repositoryId'] as const) {}
