import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

type FieldOptions = Pick<ApiPropertyOptions, 'nullable' | 'required'> & {
  maxLength?: number;
  isArray?: boolean;
  example?: unknown;
  /** What each value means, listed in the description. */
  meanings?: Record<string, string>;
};

function property({ meanings, ...options }: ApiPropertyOptions & Pick<FieldOptions, 'meanings'>): PropertyDecorator {
  if (!meanings) return ApiProperty(options as ApiPropertyOptions);
  const list = Object.entries(meanings).map(([value, meaning]) => `- \`${value}\`: ${meaning}`);
  return ApiProperty({ ...options, description: [options.description, '', ...list].join('\n') } as ApiPropertyOptions);
}

const ID = '0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11';

/** The id of a row. */
export const Id = (description: string, options: FieldOptions = {}) =>
  property({
    type: String,
    description,
    example: options.isArray ? [ID] : ID,
    ...options,
  } as ApiPropertyOptions);

export const Text = (description: string, example: string, options: FieldOptions = {}) =>
  property({
    type: String,
    description,
    example: options.isArray ? [example] : example,
    ...options,
  } as ApiPropertyOptions);

export const Num = (description: string, example: number, options: FieldOptions = {}) =>
  property({ type: Number, description, example, ...options } as ApiPropertyOptions);

export const Flag = (description: string, example: boolean, options: FieldOptions = {}) =>
  property({ type: Boolean, description, example, ...options } as ApiPropertyOptions);

/** A date and time in ISO 8601, UTC. */
export const When = (description: string, options: FieldOptions = {}) =>
  property({
    type: String,
    format: 'date-time',
    description,
    example: '2026-11-23T09:30:00.000Z',
    ...options,
  } as ApiPropertyOptions);

export const OneOf = (values: readonly string[], description: string, options: FieldOptions = {}) =>
  property({
    type: String,
    enum: [...values],
    description,
    example: options.isArray ? [values[0]] : values[0],
    ...options,
  } as ApiPropertyOptions);

/** An object of another class. Swagger recognises a lazy class reference by the name `type`. */
export const Nested = (classOf: () => unknown, description: string, options: FieldOptions = {}) =>
  property({ type: () => classOf(), description, ...options } as ApiPropertyOptions);

/** An object with arbitrary keys. */
export const Data = (description: string, example: Record<string, unknown>, options: FieldOptions = {}) =>
  property({ type: 'object', additionalProperties: true, description, example, ...options } as ApiPropertyOptions);

/** Numbers by name. */
export const Counts = (description: string, example: Record<string, number>, options: FieldOptions = {}) =>
  property({
    type: 'object',
    additionalProperties: { type: 'number' },
    description,
    example,
    ...options,
  } as ApiPropertyOptions);
