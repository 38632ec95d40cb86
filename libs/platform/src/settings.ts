import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One setting of the environment, described where it is used. */
export interface Setting<T = unknown> {
  /** One line for docs/configuration.md and the panel. */
  description: string;
  schema: z.ZodType<T>;
  /** Never shown, and readable from the file that `<NAME>_FILE` names. */
  secret?: boolean;
  /** What the docs say where nothing is set. */
  defaultText?: string;
  /** The setting without which this one means nothing: set alone, it is refused. */
  needs?: string;
}

export type SettingsSlice = Record<string, Setting>;
export type SettingsOf<S extends SettingsSlice> = { [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** All faults of the environment at once; `message` has one line for each setting. */
export class SettingsError extends Error {
  constructor(readonly faults: Record<string, string>) {
    super(
      Object.entries(faults)
        .map(([name, fault]) => `${name}: ${fault}`)
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

/** Reads and checks every setting of the slice. Empty text counts as not set. Throws SettingsError. */
export function readSettings<S extends SettingsSlice>(slice: S, env: Env = process.env): SettingsOf<S> {
  const values: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const [name, setting] of Object.entries(slice)) {
    try {
      const parsed = setting.schema.safeParse(rawValue(env, name, setting));
      if (parsed.success) values[name] = parsed.data;
      else faults[name] = parsed.error.issues.map((issue) => issue.message).join('; ');
    } catch (error) {
      faults[name] = `the file in ${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
    }
  }
  for (const [name, { needs }] of Object.entries(slice)) {
    const alone = needs && values[name] !== undefined && values[needs] === undefined && !(needs in faults);
    if (alone) faults[name] = `means nothing without ${needs}; set both or none`;
  }
  if (Object.keys(faults).length > 0) throw new SettingsError(faults);
  return values as SettingsOf<S>;
}

/** For the panel: which keys are set, never a value. */
export function settingsReport(slice: SettingsSlice, env: Env = process.env) {
  return Object.entries(slice).map(([key, setting]) => ({
    key,
    description: setting.description,
    secret: setting.secret ?? false,
    set: Boolean(env[key] || (setting.secret && env[`${key}_FILE`])),
  }));
}

/** The values of all secret settings, for the redactor; a URL's password counts on its own. */
export function secretsOf<S extends SettingsSlice>(slice: S, values: SettingsOf<S>): string[] {
  return Object.entries(slice).flatMap(([key, setting]) => {
    const value = setting.secret ? values[key] : undefined;
    if (typeof value !== 'string') return [];
    const password = URL.canParse(value) ? decodeURIComponent(new URL(value).password) : '';
    return password ? [value, password] : [value];
  });
}

/** The table of docs/configuration.md. */
export function settingsTable(slice: SettingsSlice): string {
  const rows = Object.entries(slice).map(
    ([key, s]) =>
      `| \`${key}\` | ${s.defaultText ?? 'none'} | ${s.description}${s.secret ? ' Secret; also from `' + key + '_FILE`.' : ''} |`,
  );
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
