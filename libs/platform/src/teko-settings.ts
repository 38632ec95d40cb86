import { createPrivateKey } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Setting, SettingsOf } from './settings';

const text = z.string().optional();
const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional();
/** A URL without a path, because pages, cookies, callbacks and webhooks are at fixed paths of the host. */
const origin = url.transform((value, context) => {
  if (value === undefined) return value;
  const { pathname, search, hash, username, password, origin: result } = new URL(value);
  if (username || password) context.addIssue('must not contain a user name or password');
  if (pathname !== '/' || search || hash)
    context.addIssue(
      `must not have a path, because Teko does not work below one: give it a host name of its own, such as ${result}`,
    );
  return result;
});
const number = (fallback: number, min: number, max: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(fallback);
const count = z.coerce
  .number({ error: 'must be a number' })
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(64, 'must be at most 64')
  .optional();
const model = z
  .string()
  .regex(/^(anthropic|openai|ollama):.+$/, 'must look like anthropic:MODEL, openai:MODEL or ollama:MODEL')
  .optional();
const items = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter(Boolean),
);
const list = items.default([]);
const PRICE = /^((?:anthropic|openai|ollama):[^=\s]+)=(?:free|(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?))$/;
const prices = z
  .string()
  .transform((value, context) => {
    const byModel: Record<string, { input: number; cacheRead: number; cacheWrite: number; output: number }> = {};
    for (const item of value.split(',').map((text) => text.trim())) {
      const [match, model, input = 0, cached = 0, output = 0] = PRICE.exec(item) ?? [];
      if (!match) {
        context.addIssue(
          `${item} must look like openai:MODEL=INPUT/CACHED/OUTPUT in dollars per million tokens, or openai:MODEL=free`,
        );
        return z.NEVER;
      }
      const price = { input: Number(input), cacheRead: Number(cached), output: Number(output) };
      // Writing to a prompt cache costs at most 25 % more than normal input.
      byModel[model!] = { ...price, cacheWrite: price.input * 1.25 };
    }
    return byModel;
  })
  .optional();
const paths = z
  .string()
  .transform((value, context) => {
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
    if (items.join() === 'none') return [];
    if (items.every((item) => isAbsolute(item))) return items;
    context.addIssue('must be absolute paths, separated by commas, or none');
    return z.NEVER;
  })
  .optional();
/** Clients of such a server take only a scheme, credentials, a host and a port. */
const serverUrl = url.refine(
  (value) => value === undefined || /^\/?$/.test(value.replace(/^https?:\/\/[^/?#]*/i, '')),
  'must not have a path, query or fragment, because Chroma works only at the root of its host',
);
const publicEndpoints = items
  .refine(
    (names) => names.join() === 'none' || names.every((name) => ['docs', 'metrics'].includes(name)),
    'must be docs, metrics, both separated by a comma, or none',
  )
  .optional();
const gitHosts = list.refine(
  (hosts) => hosts.every((host) => /^(\[[\da-f:.]+\]|[a-z\d._-]+)(:\d+)?$/.test(host)),
  'must be host names or addresses, separated by commas, each with an optional port, such as git.example.com or 10.0.0.5:3000',
);
const databaseUrl = z
  .string()
  .regex(
    /^(mysql|mariadb|sqlite):\/\/.+/,
    'must look like mysql://user:password@host/database or sqlite:///path/to/file',
  )
  .optional();
/** A private key in PEM. For environments that allow only single lines: with `\n` for line breaks, or in base64. */
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
        'is not a private key; set it to the PEM file from GitHub, with \\n for line breaks, or to the file in base64',
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

/** All settings. docs/configuration.md and .env.example are generated from them. */
export const TEKO_SETTINGS = {
  TEKO_HOME: setting(z.string().default('.teko'), 'Data folder: SQLite database, git mirrors and workspaces.', {
    defaultText: '`.teko`',
  }),
  PORT: setting(number(3000, 0, 65535), 'Port of the API.', { defaultText: '`3000`' }),
  HOST: setting(
    z
      .string()
      .transform((value) => value.replace(/^\[(.*)\]$/, '$1'))
      .default('127.0.0.1'),
    'Address that the API listens on, IPv6 too. `0.0.0.0` or `::` opens it to the network.',
    { defaultText: '`127.0.0.1`' },
  ),
  TEKO_URL: setting(
    origin,
    'Public URL of Teko, such as `https://teko.example.com`. It must have a host name of its own: Teko does not work below a path.',
    { defaultText: 'the address that Teko listens on' },
  ),
  TEKO_HOSTS: setting(
    list,
    'Comma-separated further host names of Teko. Requests for other hosts, and of pages of other origins, are refused.',
    { defaultText: 'the hosts of `TEKO_URL` and `HOST`, and the names of loopback; any if only `HOST` opens Teko' },
  ),
  TEKO_PUBLIC_ENDPOINTS: setting(
    publicEndpoints,
    'Which of `docs` (`/docs`, `/openapi.json`) and `metrics` (`/metrics`) can be read without a session or API token: one, both separated by a comma, or `none`.',
    { defaultText: 'both if Teko can be reached only from this host, otherwise `none`' },
  ),
  TEKO_SECRET: setting(
    z.string().min(32, 'must have at least 32 characters').optional(),
    'Key that signs the cookies of OAuth sign-ins. Must be the same in every API process.',
    { secret: true, defaultText: 'generated and stored in `TEKO_HOME`' },
  ),
  TEKO_PROXIES: setting(
    number(0, 0, 10),
    'Number of trusted reverse proxies in front of Teko, used to determine client addresses.',
    {
      defaultText: '`0`',
    },
  ),
  TEKO_PASSWORD_LOGIN: setting(
    z.enum(['on', 'off'], 'must be on or off').default('on'),
    'Sign-in with email and password, for users who set a password.',
    { defaultText: '`on`' },
  ),
  TEKO_ADMIN_EMAILS: setting(
    list,
    'Comma-separated verified email addresses that get the admin role at their first OAuth sign-in.',
  ),
  TEKO_ALLOWED_DOMAINS: setting(list, 'Comma-separated email domains whose users can sign up with OAuth.', {
    defaultText: 'none: only invited users',
  }),
  TEKO_ALLOWED_ORGS: setting(list, 'Comma-separated GitHub organisations whose members can sign up.', {
    defaultText: 'none: only invited users',
  }),
  TEKO_SIGN_UP_ROLE: setting(z.string().default('viewer'), 'Role of users who sign up with OAuth.', {
    defaultText: '`viewer`',
  }),
  GITHUB_OAUTH_CLIENT_ID: setting(text, 'Client ID of the OAuth app for sign-in with GitHub.'),
  GITHUB_OAUTH_CLIENT_SECRET: setting(text, 'Client secret of that OAuth app.', { secret: true }),
  GITHUB_OAUTH_URL: setting(url, 'Base URL for sign-in with GitHub, for GitHub Enterprise.', {
    defaultText: '`https://github.com`',
  }),
  GITHUB_API_URL: setting(url, 'Base URL of the GitHub API, for GitHub Enterprise.', {
    defaultText: '`https://api.github.com`',
  }),
  GITHUB_APP_ID: setting(
    z.string().regex(/^\d+$/, 'must be the number that GitHub shows as App ID').optional(),
    'ID of the GitHub App that Teko uses; see docs/github.md. Takes precedence over `GITHUB_TOKEN`.',
    { needs: 'GITHUB_APP_PRIVATE_KEY' },
  ),
  GITHUB_APP_PRIVATE_KEY: setting(
    privateKey,
    'Private key of that app: the PEM file, with `\\n` for line breaks, or the file in base64.',
    { secret: true, needs: 'GITHUB_APP_ID' },
  ),
  GITHUB_TOKEN: setting(text, 'Fine-grained personal access token that Teko uses if no GitHub App is set.', {
    secret: true,
  }),
  GITHUB_WEBHOOK_SECRET: setting(
    z.string().min(16, 'must have at least 16 characters').optional(),
    'Secret of the GitHub webhook. Without it, webhooks are refused and Teko only polls GitHub.',
    { secret: true },
  ),
  TEKO_RECONCILE_SECONDS: setting(
    number(300, 5, 3600),
    'Interval at which Teko polls GitHub for events that webhooks missed.',
    {
      defaultText: '`300`',
    },
  ),
  TEKO_FOLLOW_UP_SECONDS: setting(
    number(10, 0, 600),
    'Quiet time after the last review comment before an agent addresses the review.',
    { defaultText: '`10`' },
  ),
  TEKO_GIT_HOSTS: setting(
    gitHosts,
    'Comma-separated git servers that repository URLs may name although their addresses are private: `host` or `host:port`. The hosts of `GITHUB_API_URL` and `GITHUB_OAUTH_URL` are always allowed. All other hosts must have public addresses.',
    { defaultText: 'none: public hosts only' },
  ),
  TEKO_LOCAL_REPOSITORIES: setting(
    paths,
    'Comma-separated folders of this host that repositories can be added from by path, or `none`. Links are resolved; folders in `TEKO_HOME` and of the system are always refused.',
    { defaultText: 'any folder if Teko can be reached only from this host, otherwise none' },
  ),
  GOOGLE_CLIENT_ID: setting(text, 'Client ID of the OAuth client for sign-in with Google.'),
  GOOGLE_CLIENT_SECRET: setting(text, 'Client secret of that OAuth client.', { secret: true }),
  GOOGLE_ISSUER: setting(url, 'OpenID Connect issuer.', { defaultText: '`https://accounts.google.com`' }),
  TEKO_DEMO: setting(
    z.enum(['on', 'off'], 'must be on or off').default('on'),
    'Loads the demo workspace into an empty database if no model is set.',
    { defaultText: '`on`' },
  ),
  TEKO_CONCURRENCY: setting(number(4, 1, 64), 'Maximum number of concurrent runs of one agent per worker.', {
    defaultText: '`4`',
  }),
  TEKO_CONCURRENCY_IMPLEMENTATION: setting(count, 'Concurrency of the implementation agent.', {
    defaultText: '`TEKO_CONCURRENCY`',
  }),
  TEKO_CONCURRENCY_REVIEW: setting(count, 'Concurrency of the review agent.', { defaultText: '`TEKO_CONCURRENCY`' }),
  TEKO_RUNS_PER_MINUTE: setting(
    number(0, 0, 10_000),
    'Maximum number of runs of one agent started per minute, across all workers; 0 means no limit.',
    { defaultText: '`0`' },
  ),
  TEKO_REPOSITORY_CONCURRENCY: setting(
    number(0, 0, 64),
    'Maximum number of concurrent runs per repository, across all workers; 0 means no limit. Workers that start a run at the same moment can exceed it by one each.',
    { defaultText: '`0`' },
  ),
  LOG_LEVEL: setting(
    z
      .enum(
        ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
        'must be fatal, error, warn, info, debug, trace or silent',
      )
      .default('info'),
    'Minimum level of logged messages.',
    { defaultText: '`info`' },
  ),
  DATABASE_URL: setting(databaseUrl, 'Database URL, such as `mysql://user:password@host/database`.', {
    secret: true,
    defaultText: 'a SQLite file in `TEKO_HOME`',
  }),
  REDIS_URL: setting(
    z
      .string()
      .regex(/^rediss?:\/\/.+/, 'must look like redis://host:6379')
      .optional(),
    'Redis URL, for the run queue and live events.',
    { secret: true, defaultText: 'none: in-process queue' },
  ),
  CHROMA_URL: setting(
    serverUrl,
    'URL of the Chroma server that stores code embeddings. A user and password in it are sent as basic authentication.',
    {
      secret: true,
      defaultText: 'none: `npm start` runs a local server; separate processes use keyword search only',
    },
  ),
  CHROMA_TOKEN: setting(text, 'Token of that server, which is sent as `Authorization: Bearer` and `X-Chroma-Token`.', {
    secret: true,
    needs: 'CHROMA_URL',
  }),
  TEKO_EMBEDDINGS: setting(
    z
      .string()
      .regex(/^(local|off|openai:.+|ollama:.+)$/, 'must be local, off, openai:MODEL or ollama:MODEL')
      .default('local'),
    'Embedder for code search: `local` (no service needed), `openai:MODEL`, `ollama:MODEL`, or `off` for keyword search only.',
    { defaultText: '`local`' },
  ),
  TEKO_SANDBOX: setting(
    z
      .enum(['auto', 'bubblewrap', 'docker', 'unsafe-host'], 'must be auto, bubblewrap, docker or unsafe-host')
      .default('auto'),
    'Sandbox that agents run in. `unsafe-host` runs their commands on this host without isolation.',
    { defaultText: '`auto`' },
  ),
  TEKO_SANDBOX_IMAGE: setting(
    z.string().default('teko-sandbox'),
    'Image of the Docker sandbox. Must contain Node.js and git in addition to the toolchains.',
    { defaultText: '`teko-sandbox`' },
  ),
  TEKO_MODEL: setting(model, 'Model of all agents: `anthropic:MODEL`, `openai:MODEL` or `ollama:MODEL`.', {
    defaultText: 'none: only the demo transcript is replayed',
  }),
  TEKO_MODEL_IMPLEMENTATION: setting(model, 'Model of the implementation agent.', { defaultText: '`TEKO_MODEL`' }),
  TEKO_MODEL_REVIEW: setting(model, 'Model of the review agent.', { defaultText: '`TEKO_MODEL`' }),
  TEKO_FALLBACK_MODEL: setting(model, 'Model to use if the main model does not respond.', {
    defaultText: 'none: the run waits',
  }),
  TEKO_FALLBACK_MODEL_IMPLEMENTATION: setting(model, 'Fallback model of the implementation agent.', {
    defaultText: '`TEKO_FALLBACK_MODEL`',
  }),
  TEKO_FALLBACK_MODEL_REVIEW: setting(model, 'Fallback model of the review agent.', {
    defaultText: '`TEKO_FALLBACK_MODEL`',
  }),
  TEKO_POLL_SECONDS: setting(
    number(2, 1, 60),
    'Interval at which each process polls the database for work whose queue message it missed.',
    { defaultText: '`2`' },
  ),
  TEKO_LEASE_SECONDS: setting(
    number(30, 3, 600),
    'Lease of a run. If its worker stops renewing the lease, another worker takes over the run after this time.',
    { defaultText: '`30`' },
  ),
  TEKO_OUTAGE_WAIT_SECONDS: setting(
    number(60, 0, 3600),
    'Time a run waits for its model or the forge if one of them does not respond. Doubles with each of at most six attempts; 0 means that the run fails at once.',
    { defaultText: '`60`' },
  ),
  TEKO_CONTEXT_TOKENS: setting(
    number(80_000, 8_000, 1_000_000),
    'Maximum estimated number of tokens per request to a model. Above it, old tool results are omitted and old turns are summarised. Set it well below the context window of your model.',
    { defaultText: '`80000`' },
  ),
  TEKO_PRICES: setting(
    prices,
    'Prices of models that Teko does not know, or that differ from its table: `openai:MODEL=INPUT/CACHED/OUTPUT,...` in dollars per million tokens, or `openai:MODEL=free`. Models without a price are not used.',
    { defaultText: 'the table in `libs/adapters/models/src/prices.ts`' },
  ),
  ANTHROPIC_API_KEY: setting(text, 'Anthropic API key.', { secret: true }),
  ANTHROPIC_BASE_URL: setting(url, 'Base URL of a server that is compatible with the Anthropic API.'),
  OPENAI_API_KEY: setting(text, 'API key of OpenAI or a compatible server.', { secret: true }),
  OPENAI_BASE_URL: setting(url, 'Base URL of a server that is compatible with the OpenAI API.'),
  OLLAMA_BASE_URL: setting(url, 'Base URL of Ollama.', { defaultText: '`http://127.0.0.1:11434`' }),
};

export type TekoSettings = SettingsOf<typeof TEKO_SETTINGS>;

/** How many runs of one agent can start per `durationMs`, or null if there is no limit. */
export function runRateLimit({ TEKO_RUNS_PER_MINUTE: max }: TekoSettings): { max: number; durationMs: number } | null {
  return max > 0 ? { max, durationMs: 60_000 } : null;
}
export const TekoSettings = Symbol('TekoSettings');
