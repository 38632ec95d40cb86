import { createPrivateKey } from 'node:crypto';
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
const count = z.coerce
  .number({ error: 'is not a number' })
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(64, 'must be at most 64')
  .optional();
const model = z
  .string()
  .regex(/^(anthropic|openai|ollama):.+$/, 'must look like anthropic:MODEL, openai:MODEL or ollama:MODEL')
  .optional();
const list = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((item) => item.trim().toLowerCase())
      .filter(Boolean),
  )
  .default([]);
const PRICE = /^((?:anthropic|openai|ollama):[^=\s]+)=(?:free|(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?))$/;
const prices = z
  .string()
  .transform((value, context) => {
    const found: Record<string, { input: number; cacheRead: number; cacheWrite: number; output: number }> = {};
    for (const item of value.split(',').map((text) => text.trim())) {
      const [match, model, input = 0, cached = 0, output = 0] = PRICE.exec(item) ?? [];
      if (!match) {
        context.addIssue(
          `${item} must look like openai:MODEL=INPUT/CACHED/OUTPUT in dollars for a million tokens, or =free`,
        );
        return z.NEVER;
      }
      const price = { input: Number(input), cacheRead: Number(cached), output: Number(output) };
      // What is written into a cache costs a quarter more at most.
      found[model!] = { ...price, cacheWrite: price.input * 1.25 };
    }
    return found;
  })
  .optional();
const databaseUrl = z
  .string()
  .regex(
    /^(mysql|mariadb|sqlite):\/\/.+/,
    'must look like mysql://user:password@host/database or sqlite:///path/to/file',
  )
  .optional();
/** A private key; environments that keep one line have its line breaks written out, or the whole in base64. */
const privateKey = z
  .string()
  .transform((value, context) => {
    const text = value.includes('-----BEGIN') ? value : Buffer.from(value, 'base64').toString();
    const pem = text.replaceAll('\\n', '\n').trim();
    try {
      createPrivateKey(pem);
      return pem;
    } catch {
      context.addIssue(
        'is not a private key: give the PEM file that GitHub made, its line breaks as \\n, or in base64',
      );
      return z.NEVER;
    }
  })
  .optional();

function setting<T>(
  schema: z.ZodType<T>,
  description: string,
  more: Pick<Setting, 'secret' | 'defaultText' | 'needs'> = {},
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
  TEKO_SECRET: setting(
    z.string().min(32, 'must have at least 32 characters').optional(),
    'Signs what Teko hands to browsers during a sign-in; the same in every API process.',
    { secret: true, defaultText: 'generated, kept in `TEKO_HOME`' },
  ),
  TEKO_PROXIES: setting(
    number(0, 0, 10),
    'Trusted proxies in front of Teko; the caller’s address is read behind them.',
    {
      defaultText: '`0`',
    },
  ),
  TEKO_PASSWORD_LOGIN: setting(
    z.enum(['on', 'off'], 'must be on or off').default('on'),
    'Sign-in by address and password, for users who set one.',
    { defaultText: '`on`' },
  ),
  TEKO_ADMIN_EMAILS: setting(list, 'Verified addresses that become admins at their first sign-in by OAuth.'),
  TEKO_ALLOWED_DOMAINS: setting(list, 'E-mail domains whose people may sign up by OAuth.', {
    defaultText: 'none: only who was invited',
  }),
  TEKO_ALLOWED_ORGS: setting(list, 'GitHub organisations whose members may sign up.', {
    defaultText: 'none: only who was invited',
  }),
  TEKO_SIGN_UP_ROLE: setting(z.string().default('viewer'), 'Role of who signs up by OAuth.', {
    defaultText: '`viewer`',
  }),
  GITHUB_OAUTH_CLIENT_ID: setting(text, 'OAuth app for sign-in with GitHub.'),
  GITHUB_OAUTH_CLIENT_SECRET: setting(text, 'Secret of that app.', { secret: true }),
  GITHUB_OAUTH_URL: setting(url, 'Where GitHub signs people in; for GitHub Enterprise.', {
    defaultText: '`https://github.com`',
  }),
  GITHUB_API_URL: setting(url, 'API of GitHub; for GitHub Enterprise.', { defaultText: '`https://api.github.com`' }),
  GITHUB_APP_ID: setting(
    z.string().regex(/^\d+$/, 'must be the number that GitHub shows as App ID').optional(),
    'GitHub App that Teko works as; see docs/github.md. Goes before a token.',
    { needs: 'GITHUB_APP_PRIVATE_KEY' },
  ),
  GITHUB_APP_PRIVATE_KEY: setting(
    privateKey,
    'Private key of that app: the PEM file, its line breaks written as `\\n`, or in base64.',
    { secret: true, needs: 'GITHUB_APP_ID' },
  ),
  GITHUB_TOKEN: setting(text, 'Fine-grained token that Teko works with where there is no app.', { secret: true }),
  GITHUB_WEBHOOK_SECRET: setting(
    z.string().min(16, 'must have at least 16 characters').optional(),
    'Secret of the webhook on GitHub; without it webhooks are refused and GitHub is only asked.',
    { secret: true },
  ),
  TEKO_RECONCILE_SECONDS: setting(number(300, 5, 3600), 'How often GitHub is asked for what webhooks have lost.', {
    defaultText: '`300`',
  }),
  TEKO_FOLLOW_UP_SECONDS: setting(
    number(10, 0, 600),
    'Quiet time after the last review comment before an agent works it in.',
    { defaultText: '`10`' },
  ),
  GOOGLE_CLIENT_ID: setting(text, 'OAuth client for sign-in with Google.'),
  GOOGLE_CLIENT_SECRET: setting(text, 'Secret of that client.', { secret: true }),
  GOOGLE_ISSUER: setting(url, 'Another OpenID Connect issuer.', { defaultText: '`https://accounts.google.com`' }),
  TEKO_DEMO: setting(
    z.enum(['on', 'off'], 'must be on or off').default('on'),
    'Loads the demo workspace into an empty database while no model is set.',
    { defaultText: '`on`' },
  ),
  TEKO_CONCURRENCY: setting(number(4, 1, 64), 'Runs of one agent that one worker works on side by side.', {
    defaultText: '`4`',
  }),
  TEKO_CONCURRENCY_IMPLEMENTATION: setting(count, 'The same for the implementation agent.', {
    defaultText: '`TEKO_CONCURRENCY`',
  }),
  TEKO_CONCURRENCY_REVIEW: setting(count, 'The same for the review agent.', { defaultText: '`TEKO_CONCURRENCY`' }),
  TEKO_RUNS_PER_MINUTE: setting(
    number(0, 0, 10_000),
    'Runs of one agent that begin within a minute, over all workers; 0 sets no bound.',
    { defaultText: '`0`' },
  ),
  TEKO_REPOSITORY_CONCURRENCY: setting(
    number(0, 0, 64),
    'Runs of one repository side by side, over all workers; 0 sets no bound. Workers that choose at the same moment may pass it by one each.',
    { defaultText: '`0`' },
  ),
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
  CHROMA_URL: setting(url, 'Chroma that keeps the vectors of the code.', {
    defaultText: 'none: a local one is started; processes of their own search by words alone',
  }),
  TEKO_EMBEDDINGS: setting(
    z
      .string()
      .regex(/^(local|off|openai:.+|ollama:.+)$/, 'must be local, off, openai:MODEL or ollama:MODEL')
      .default('local'),
    'What makes the vectors of the code: `local` needs nothing, `off` searches by words alone, or `openai:MODEL`, `ollama:MODEL`.',
    { defaultText: '`local`' },
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
  TEKO_FALLBACK_MODEL: setting(model, 'Model that goes on where the other one does not answer.', {
    defaultText: 'none: the run waits',
  }),
  TEKO_FALLBACK_MODEL_IMPLEMENTATION: setting(model, 'The same for the implementation agent.', {
    defaultText: '`TEKO_FALLBACK_MODEL`',
  }),
  TEKO_FALLBACK_MODEL_REVIEW: setting(model, 'The same for the review agent.', {
    defaultText: '`TEKO_FALLBACK_MODEL`',
  }),
  TEKO_POLL_SECONDS: setting(
    number(2, 1, 60),
    'How often a process looks in the database for work whose message it may have missed.',
    { defaultText: '`2`' },
  ),
  TEKO_LEASE_SECONDS: setting(
    number(30, 3, 600),
    'How long a run stays with a worker that has stopped renewing its lease; then another worker takes the run over.',
    { defaultText: '`30`' },
  ),
  TEKO_OUTAGE_WAIT_SECONDS: setting(
    number(60, 0, 3600),
    'How long a run waits when its model does not answer; twice as long each time, six times at most. 0: it fails at once.',
    { defaultText: '`60`' },
  ),
  TEKO_CONTEXT_TOKENS: setting(
    number(80_000, 8_000, 1_000_000),
    'Tokens that one question to a model may hold, by estimate. Above it old results are left out and old turns summed up: set it well below the window of your model.',
    { defaultText: '`80000`' },
  ),
  TEKO_PRICES: setting(
    prices,
    'Prices of models that Teko does not know or knows otherwise; one without a price is not asked: `openai:MODEL=INPUT/CACHED/OUTPUT,...` in dollars for a million tokens, or `=free`.',
    { defaultText: 'the table in `libs/adapters/models/src/prices.ts`' },
  ),
  ANTHROPIC_API_KEY: setting(text, 'Key of Anthropic.', { secret: true }),
  ANTHROPIC_BASE_URL: setting(url, 'Another server that speaks the Anthropic API.'),
  OPENAI_API_KEY: setting(text, 'Key of OpenAI or a compatible server.', { secret: true }),
  OPENAI_BASE_URL: setting(url, 'Another server that speaks the OpenAI API.'),
  OLLAMA_BASE_URL: setting(url, 'Address of Ollama.', { defaultText: '`http://127.0.0.1:11434`' }),
};

export type TekoSettings = SettingsOf<typeof TEKO_SETTINGS>;

/** How fast runs may begin; null where nothing bounds it. */
export function runRate({ TEKO_RUNS_PER_MINUTE: max }: TekoSettings): { max: number; durationMs: number } | null {
  return max > 0 ? { max, durationMs: 60_000 } : null;
}
export const TekoSettings = Symbol('TekoSettings');
