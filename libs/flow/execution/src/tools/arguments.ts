import { z } from 'zod';

/** The parts of a JSON Schema that are needed to correct arguments. */
interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

/**
 * Parses the arguments of a call. Models send optional fields as null, and numbers, booleans and lists as text: if the arguments
 * are not valid as they are, these are corrected.
 */
export function parseArguments<Input extends z.ZodType>(
  input: Input,
  args: unknown,
): z.ZodSafeParseResult<z.output<Input>> {
  const parsed = input.safeParse(args);
  if (parsed.success) return parsed;
  const corrected = input.safeParse(correct(args, z.toJSONSchema(input, { io: 'input' }) as Schema));
  return corrected.success ? corrected : parsed;
}

/**
 * Returns a name that providers accept in the history: some models write `functions.read_file` or
 * `read_file<|channel|>commentary`, and an unknown name stays recognisable.
 */
export function toolName(name: string): string {
  const plain = name
    .trim()
    .replace(/^(?:functions|tools)[.:/]/, '')
    .replace(/<\|.*$/s, '');
  return plain.replace(/[^\w-]+/g, '_').slice(0, 64) || 'unknown';
}

function correct(value: unknown, schema: Schema | undefined): unknown {
  const { type, properties = {}, required = [], items } = schema ?? {};
  const text = typeof value === 'string' ? value.trim() : null;
  if ((type === 'integer' || type === 'number') && text !== null && /^[+-]?\d+(?:\.\d+)?$/.test(text))
    return Number(text);
  if (type === 'boolean' && text !== null && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (type === 'string' && typeof value === 'number') return String(value);
  if (type === 'array') {
    const list = text === null ? value : (parseJson(text) ?? [value]);
    return Array.isArray(list) ? list.map((item) => correct(item, items)) : [correct(list, items)];
  }
  if (type !== 'object') return value;
  const object = text === null ? value : parseJson(text);
  if (object === null || typeof object !== 'object' || Array.isArray(object)) return value;
  const entries = Object.entries(object).filter(([key, field]) => field !== null || required.includes(key));
  return Object.fromEntries(entries.map(([key, field]) => [key, correct(field, properties[key])]));
}

/** Returns the list or object of JSON text, or null. */
function parseJson(text: string): unknown {
  if (!/^[[{]/.test(text)) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
