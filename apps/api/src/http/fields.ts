import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

type More = Pick<ApiPropertyOptions, 'nullable' | 'required'> & {
  maxLength?: number;
  isArray?: boolean;
  example?: unknown;
};

const property = (options: ApiPropertyOptions): PropertyDecorator => ApiProperty(options);

const ID = '0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11';

/** The id of a row. */
export const Id = (description: string, more: More = {}) =>
  property({
    type: String,
    description,
    example: more.isArray ? [ID] : ID,
    ...more,
  } as ApiPropertyOptions);

export const Text = (description: string, example: string, more: More = {}) =>
  property({ type: String, description, example: more.isArray ? [example] : example, ...more } as ApiPropertyOptions);

export const Num = (description: string, example: number, more: More = {}) =>
  property({ type: Number, description, example, ...more } as ApiPropertyOptions);

export const Flag = (description: string, example: boolean, more: More = {}) =>
  property({ type: Boolean, description, example, ...more } as ApiPropertyOptions);

/** A date and time in ISO 8601, UTC. */
export const When = (description: string, more: More = {}) =>
  property({
    type: String,
    format: 'date-time',
    description,
    example: '2026-11-23T09:30:00.000Z',
    ...more,
  } as ApiPropertyOptions);

export const OneOf = (values: readonly string[], description: string, more: More = {}) =>
  property({
    type: String,
    enum: [...values],
    description,
    example: more.isArray ? [values[0]] : values[0],
    ...more,
  } as ApiPropertyOptions);

/** An object of another class. Swagger recognises a lazy class reference by the name `type`. */
export const Nested = (classOf: () => unknown, description: string, more: More = {}) =>
  property({ type: () => classOf(), description, ...more } as ApiPropertyOptions);

/** An object with arbitrary keys. */
export const Data = (description: string, example: Record<string, unknown>, more: More = {}) =>
  property({ type: 'object', additionalProperties: true, description, example, ...more } as ApiPropertyOptions);

/** Numbers by name. */
export const Counts = (description: string, example: Record<string, number>, more: More = {}) =>
  property({
    type: 'object',
    additionalProperties: { type: 'number' },
    description,
    example,
    ...more,
  } as ApiPropertyOptions);
