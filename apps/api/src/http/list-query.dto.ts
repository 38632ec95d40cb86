import { DEFAULT_PER_PAGE, MAX_PER_PAGE, type ListQuery } from '@teko/contracts';
import { applyDecorators, type Type as Class } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** Query parameters of every list endpoint. */
export class ListQueryDto {
  @ApiProperty({
    type: Number,
    required: false,
    default: 1,
    minimum: 1,
    description: 'Page number, from 1.',
    example: 1,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(1_000_000, { message: 'must be at most 1000000' })
  page = 1;

  @ApiProperty({
    type: Number,
    required: false,
    default: DEFAULT_PER_PAGE,
    minimum: 1,
    maximum: MAX_PER_PAGE,
    description: 'Rows per page.',
    example: DEFAULT_PER_PAGE,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(MAX_PER_PAGE, { message: `must be at most ${MAX_PER_PAGE}` })
  perPage = DEFAULT_PER_PAGE;

  @ApiProperty({ type: String, enum: ['ASC', 'DESC'], required: false, description: 'Sort direction.' })
  @IsOptional()
  @IsIn(['ASC', 'DESC'], { message: 'must be ASC or DESC' })
  order?: 'ASC' | 'DESC';

  sort?: string;

  q?: string;
}

interface ListShape {
  sort: [string, ...string[]];
  /** Default direction of the first sort field. */
  order: 'ASC' | 'DESC';
  search?: string;
  /** Allowed values by filter, or null for any text. */
  filters?: Record<string, readonly string[] | null>;
}

const shapes = new WeakMap<object, ListShape>();

/** Returns the query class of a list; the first entry of `sort` is the default. */
export function listQueryOf(shape: ListShape): Class<ListQueryDto> {
  class Query extends ListQueryDto {}
  const add = (name: string, decorator: PropertyDecorator) => decorator(Query.prototype, name);
  add('sort', sortOf(shape));
  if (shape.search) add('q', searchOf(shape.search));
  for (const [name, values] of Object.entries(shape.filters ?? {})) add(name, filterOf(values));
  shapes.set(Query.prototype, shape);
  return Query;
}

function sortOf({ sort, order }: ListShape): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      type: String,
      enum: sort,
      required: false,
      description: `Field to sort by; the default is ${sort[0]} ${order}.`,
    }),
    IsOptional(),
    IsIn(sort, { message: `must be one of ${sort.join(', ')}` }),
  );
}

function searchOf(description: string): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, required: false, maxLength: 200, description, example: 'week' }),
    IsOptional(),
    IsString({ message: 'must be given once' }),
    MaxLength(200, { message: 'must have at most 200 characters' }),
  );
}

function filterOf(values: readonly string[] | null): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      type: String,
      isArray: true,
      required: false,
      description: 'Only rows with this value; several values mean any of them.',
      ...(values && { enum: [...values] }),
    }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value : [value])),
    IsArray(),
    ArrayMaxSize(100, { message: 'must be at most 100 values' }),
    values
      ? IsIn(values, { each: true, message: `must be one of ${values.join(', ')}` })
      : IsString({ each: true, message: 'must be text' }),
  );
}

/** Converts the DTO to the query of the ports. `within` are the repositories that the caller can read; undefined means all. */
export function toListQuery(dto: ListQueryDto, within: string[] | undefined): ListQuery {
  const shape = shapeOf(dto);
  const values = dto as unknown as Record<string, string[] | undefined>;
  const filters: Record<string, string[]> = {};
  for (const name of Object.keys(shape.filters ?? {})) if (values[name]) filters[name] = values[name];
  return {
    page: dto.page,
    perPage: dto.perPage,
    sort: dto.sort ?? shape.sort[0],
    order: dto.order ?? (dto.sort ? 'ASC' : shape.order),
    ...(dto.q && { q: dto.q }),
    filters,
    ...(within && { within }),
  };
}

function shapeOf(dto: ListQueryDto): ListShape {
  let prototype = Object.getPrototypeOf(dto) as object;
  while (!shapes.has(prototype)) prototype = Object.getPrototypeOf(prototype) as object;
  return shapes.get(prototype)!;
}
