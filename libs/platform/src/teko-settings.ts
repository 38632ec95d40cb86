import { z } from 'zod';
import type { Setting, SettingsOf } from './settings';

const text = z.string().optional();
const url = z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' }).optional();
const number = (fallback: number, min: number, max: number) =>
  z.coerce
    .number({ error: 'is not a number' })
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(fallback);
const model = z
  .string()
  .regex(/^(anthropic|openai|ollama):.+$/, 'must look like anthropic:MODEL, openai:MODEL or ollama:MODEL')
  .optional();
const databaseUrl = z
  .string()
  .regex(
    /^(mysql|mariadb|sqlite):\/\/.+/,
    'must look like mysql://user:password@host/database or sqlite:///path/to/file',
  )
  .optional();

function setting<T>(
  schema: z.ZodType<T>,
  description: string,
  more: Pick<Setting, 'secret' | 'defaultText'> = {},
): Setting<T> {
  return { schema, description, ...more };
}

/** Everything that can be set from outside; docs/configuration.md and .env.example are generated from it. */
export const TEKO_SETTINGS = {
  TEKO_HOME: setting(
    z.string().default('.teko'),
    'Data folder of the embedded default: database, git mirrors, workspaces.',
    { defaultText: '`.teko`' },
  ),
  PORT: setting(number(3000, 0, 65535), 'Port that the API listens on.', { defaultText: '`3000`' }),
  HOST: setting(
    z.string().default('127.0.0.1'),
    'Address that the API listens on; `0.0.0.0` opens it to the network.',
    { defaultText: '`127.0.0.1`' },
  ),
  TEKO_URL: setting(url, 'How the outside reaches Teko.', { defaultText: '`http://localhost:PORT`' }),
  TEKO_DEMO: setting(
    z.enum(['on', 'off'], 'must be on or off').default('on'),
    'Loads the demo workspace into an empty database while no model is set.',
    { defaultText: '`on`' },
  ),
  TEKO_CONCURRENCY: setting(number(4, 1, 64), 'Runs that one worker works on side by side.', { defaultText: '`4`' }),
  LOG_LEVEL: setting(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'is not a log level').default('info'),
    'Least severe level that is logged.',
    { defaultText: '`info`' },
  ),
  DATABASE_URL: setting(databaseUrl, '`mysql://user:password@host/database`.', {
    secret: true,
    defaultText: 'SQLite file in `TEKO_HOME`',
  }),
  REDIS_URL: setting(
    z
      .string()
      .regex(/^rediss?:\/\/.+/, 'must look like redis://host:6379')
      .optional(),
    'Redis of the run queue and the live events.',
    { secret: true, defaultText: 'none: in-process queue' },
  ),
  TEKO_SANDBOX: setting(
    z
      .enum(['auto', 'bubblewrap', 'docker', 'unsafe-host'], 'must be auto, bubblewrap, docker or unsafe-host')
      .default('auto'),
    'What agents run in; `unsafe-host` runs their commands on this host without any wall.',
    { defaultText: '`auto`' },
  ),
  TEKO_SANDBOX_IMAGE: setting(
    z.string().default('teko-sandbox'),
    'Image of the Docker sandbox; needs node and git beside the toolchains.',
    { defaultText: '`teko-sandbox`' },
  ),
  TEKO_MODEL: setting(model, '`anthropic:MODEL`, `openai:MODEL` or `ollama:MODEL`.', {
    defaultText: 'none: demo transcript only',
  }),
  TEKO_MODEL_IMPLEMENTATION: setting(model, 'Model of the implementation agent.', { defaultText: '`TEKO_MODEL`' }),
  TEKO_MODEL_REVIEW: setting(model, 'Model of the review agent.', { defaultText: '`TEKO_MODEL`' }),
  ANTHROPIC_API_KEY: setting(text, 'Key of Anthropic.', { secret: true }),
  ANTHROPIC_BASE_URL: setting(url, 'Another server that speaks the Anthropic API.'),
  OPENAI_API_KEY: setting(text, 'Key of OpenAI or a compatible server.', { secret: true }),
  OPENAI_BASE_URL: setting(url, 'Another server that speaks the OpenAI API.'),
  OLLAMA_BASE_URL: setting(url, 'Address of Ollama.', { defaultText: '`http://127.0.0.1:11434`' }),
};

export type TekoSettings = SettingsOf<typeof TEKO_SETTINGS>;
export const TekoSettings = Symbol('TekoSettings');
