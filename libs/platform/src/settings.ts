import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One setting, which is read from an environment variable. */
export interface Setting<T = unknown> {
  /** One line for docs/configuration.md and the panel. */
  description: string;
  schema: z.ZodType<T>;
  /** Never shown. Can also be read from the file named by `<NAME>_FILE`. */
  secret?: boolean;
  /** The default as the docs show it. */
  defaultText?: string;
  /** Another setting that this one requires. */
  needs?: string;
}

export type SettingsSlice = Record<string, Setting>;
export type SettingsOf<S extends SettingsSlice> = { [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** All invalid settings at once. `message` has one line for each. */
export class SettingsError extends Error {
  constructor(readonly errors: Record<string, string>) {
    super(
      Object.entries(errors)
        .map(([name, error]) => `${name}: ${error}`)
        .join('\n'),
    );
    this.name = 'SettingsError';
  }
}

type Env = Record<string, string | undefined>;

function rawValue(env: Env, name: string, setting: Setting): string | undefined {
  const file = setting.secret ? env[`${name}_FILE`] : undefined;
  const value = file ? readFileSync(file, 'utf8').trim() : env[name]?.trim();
  return value === '' ? undefined : value;
}

/** Reads and validates all settings of the slice. An empty value counts as not set. Throws SettingsError. */
export function readSettings<S extends SettingsSlice>(slice: S, env: Env = process.env): SettingsOf<S> {
  const values: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const [name, setting] of Object.entries(slice)) {
    try {
      const parsed = setting.schema.safeParse(rawValue(env, name, setting));
      if (parsed.success) values[name] = parsed.data;
      else errors[name] = parsed.error.issues.map((issue) => issue.message).join('; ');
    } catch (error) {
      errors[name] = `the file in ${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
    }
  }
  for (const [name, { needs }] of Object.entries(slice)) {
    const alone = needs && values[name] !== undefined && values[needs] === undefined && !(needs in errors);
    if (alone) errors[name] = `requires ${needs}; set both or neither`;
  }
  if (Object.keys(errors).length > 0) throw new SettingsError(errors);
  return values as SettingsOf<S>;
}

/** Returns which settings are set, for the panel. Never contains a value. */
export function settingsReport(slice: SettingsSlice, env: Env = process.env) {
  return Object.entries(slice).map(([key, setting]) => ({
    key,
    description: setting.description,
    secret: setting.secret ?? false,
    set: Boolean(env[key] || (setting.secret && env[`${key}_FILE`])),
  }));
}

/** Returns the values of all secret settings, and separately the passwords in secret URLs. */
export function secretsOf<S extends SettingsSlice>(slice: S, values: SettingsOf<S>): string[] {
  return Object.entries(slice).flatMap(([key, setting]) => {
    const value = setting.secret ? values[key] : undefined;
    if (typeof value !== 'string') return [];
    const password = URL.canParse(value) ? new URL(value).password : '';
    return [...new Set([value, password, decoded(password)])].filter(Boolean);
  });
}

/** Returns the text itself if it is not percent-encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the Markdown table of docs/configuration.md. */
export function settingsTable(slice: SettingsSlice): string {
  const rows = Object.entries(slice).map(
    ([key, s]) =>
      `| \`${key}\` | ${s.defaultText ?? 'none'} | ${s.description}${s.secret ? ' Secret; also from `' + key + '_FILE`.' : ''} |`,
  );
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
