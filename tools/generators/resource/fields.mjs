/* The fields of a new noun. A type is one entry of TYPES. */
import { capitalised } from './names.mjs';

const MAX_FIELD_LENGTH = 40;
const MAX_STRING = 255;
const MAX_TEXT = 10_000;
const MAX_INT = 2_147_483_647;
/** Every noun has them, or they mean something else to JavaScript, React or a list of the API. */
const RESERVED = 'id name createdAt updatedAt repositoryId constructor prototype key ref'.split(' ');
const OF_LISTS = 'page perPage sort order q within'.split(' ');

const quoted = (text) => `'${text}'`;
/** As numbers are written in code: 10_000. */
const digits = (number) => number.toLocaleString('en').replaceAll(',', '_');

function textOf(column, max, input) {
  return {
    ts: 'string',
    column,
    searched: true,
    comment: `1 to ${max} characters.`,
    example: ({ label }) => quoted(label),
    other: ({ label }) => quoted(`Other ${label.toLowerCase()}`),
    wrong: "''",
    decorators: ({ label }, example) =>
      `@Text('${label}.', ${example}, { maxLength: ${digits(max)} })
       @Length(1, ${digits(max)}, { message: 'must be text of 1 to ${max} characters' })`,
    validators: ['Length'],
    input: ({ name }) => `<TextInput source="${name}" validate={[required(), maxLength(${digits(max)})]} ${input} />`,
    inputs: ['TextInput', 'required', 'maxLength'],
    display: 'TextField',
  };
}

const TYPES = {
  string: { ...textOf('line', MAX_STRING, 'fullWidth'), helper: 'Text', sorted: true, listed: true },
  text: { ...textOf('text', MAX_TEXT, 'multiline minRows={4} fullWidth'), helper: 'Text' },
  int: {
    ts: 'number',
    column: 'int',
    comment: 'A whole number, 0 or more.',
    helper: 'Num',
    sorted: true,
    listed: true,
    example: () => '10',
    other: () => '11',
    wrong: '-1',
    decorators: ({ label }, example) =>
      `@Num('${label}.', ${example})
       @IsInt({ message: 'must be a whole number' })
       @Min(0, { message: 'must not be negative' })
       @Max(${digits(MAX_INT)}, { message: 'must be at most ${MAX_INT}' })`,
    validators: ['IsInt', 'Min', 'Max'],
    input: ({ name }) => `<NumberInput source="${name}" validate={[required(), minValue(0)]} step={1} fullWidth />`,
    inputs: ['NumberInput', 'required', 'minValue'],
    display: 'NumberField',
  },
  boolean: {
    ts: 'boolean',
    column: 'bool',
    helper: 'Flag',
    filtered: true,
    listed: true,
    example: () => 'true',
    other: () => 'false',
    wrong: "'maybe'",
    decorators: ({ label }, example) =>
      `@Flag('${label}.', ${example})
       @IsBoolean({ message: 'must be true or false' })`,
    validators: ['IsBoolean'],
    input: ({ name }) => `<BooleanInput source="${name}" defaultValue={false} />`,
    inputs: ['BooleanInput'],
    display: 'BooleanField',
  },
};

/** Parses `limit:int,enabled:boolean`; `name` comes first, given or not. `example` is the name in examples. */
export function fieldsOf(list, example) {
  const entries = list.split(',').map((entry) => entry.trim());
  const given = entries.filter((entry) => entry !== '' && entry !== 'name:string').map(parsed);
  const names = given.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`fields: "${twice}" is given twice`);
  return [
    {
      ...field('name', 'string'),
      example: quoted(example),
      comment: `1 to ${MAX_STRING} characters; need not be unique.`,
    },
    ...given,
  ];
}

function parsed(entry) {
  const [name, type, ...rest] = entry.split(':');
  if (!/^[a-z][a-zA-Z]*$/.test(name) || name.length > MAX_FIELD_LENGTH || !type || rest.length > 0)
    throw new Error(`fields: "${entry}" must look like limit:int, with a name in camel case`);
  if (!Object.hasOwn(TYPES, type))
    throw new Error(`fields: "${entry}" must have one of the types ${Object.keys(TYPES).join(', ')}`);
  if (RESERVED.includes(name) || (TYPES[type].filtered && OF_LISTS.includes(name)))
    throw new Error(`fields: "${name}" is reserved`);
  return field(name, type);
}

function field(name, type) {
  const label = capitalised(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
  const { example, other, decorators, input, ...shape } = TYPES[type];
  const named = { name, label };
  return {
    ...named,
    ...shape,
    type,
    example: example(named),
    other: other(named),
    input: input(named),
    decorators: (exampleText) => decorators(named, exampleText),
  };
}
