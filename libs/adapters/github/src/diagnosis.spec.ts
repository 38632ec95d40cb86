import type { Diagnosis } from '@teko/domain';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GithubConnection } from './connection';
import { fakeGithub, KEYS, type FakeResponse, type FakeGithub } from './fake-github.fixture';

let github: FakeGithub;
beforeEach(async () => {
  github = await fakeGithub();
});
afterEach(() => github.close());

const SECRETS = ['app-webhook-secret', 'wrong-token', 'RSA PRIVATE'];
const permissions = {
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  checks: 'read',
  statuses: 'read',
  actions: 'write',
  metadata: 'read',
};
const events = ['issues', 'issue_comment', 'pull_request', 'pull_request_review', 'pull_request_review_comment'].concat(
  ['check_run', 'check_suite', 'status', 'push', 'repository'],
);
const app = { id: 12, slug: 'teko', html_url: 'https://github.com/apps/teko', permissions, events };
const hook = { url: 'https://teko.example/webhooks/github', secret: '********', insecure_ssl: '0' };

/** Diagnoses a correctly configured GitHub, with `overrides` for its responses. */
async function diagnose(
  overrides: Record<string, FakeResponse> = {},
  settings: object = {},
): Promise<Record<string, Diagnosis>> {
  const correct: Record<string, FakeResponse> = {
    'GET /meta': { body: {} },
    'GET /app': { body: app },
    'GET /app/installations': { body: [{ id: 5, account: { login: 'octo' }, permissions }] },
    'GET /app/hook/config': { body: hook },
    'GET /app/hook/deliveries': { body: [{ status: 'OK', status_code: 202 }] },
  };
  for (const [route, response] of Object.entries({ ...correct, ...overrides })) github.on(route, response);
  const asApp = { appId: '12', privateKey: KEYS.privateKey, webhookSecret: 'app-webhook-secret' };
  const found = await new GithubConnection({ apiUrl: github.url, ...asApp, ...settings }).diagnose();
  for (const secret of SECRETS) expect(JSON.stringify(found)).not.toContain(secret);
  return Object.fromEntries(found.map((diagnosis) => [diagnosis.name, diagnosis]));
}
const asToken = { appId: undefined, token: 'wrong-token' };
const problems = (found: Record<string, Diagnosis>) =>
  Object.values(found)
    .filter(({ ok, remedy }) => !ok || remedy)
    .map(({ name }) => name);

it('finds no problems in a correct configuration', async () => {
  const found = await diagnose();
  expect(problems(found)).toEqual([]);
  expect(Object.keys(found).sort()).toEqual(['clock', 'credential', 'permissions', 'reachability', 'webhook']);
});

it.each<[string, Record<string, FakeResponse>, object, string, RegExp]>([
  [
    'a rejected key',
    { 'GET /app': { status: 401, body: { message: 'bad JWT' } } },
    {},
    'credential',
    /bad JWT.*GITHUB/,
  ],
  [
    'an App that is not installed anywhere',
    { 'GET /app/installations': { body: [] } },
    {},
    'credential',
    /not installed anywhere/,
  ],
  [
    'missing permissions and events',
    { 'GET /app': { body: { ...app, permissions: { ...permissions, issues: 'read' }, events: ['push'] } } },
    {},
    'permissions',
    /issues: write.*event issue_comment/,
  ],
  [
    'permissions that are not accepted yet',
    { 'GET /app/installations': { body: [{ id: 5, account: { login: 'octo' }, permissions: {} }] } },
    {},
    'permissions',
    /not accepted yet by octo/,
  ],
  ['no secret', {}, { webhookSecret: undefined }, 'webhook', /GITHUB_WEBHOOK_SECRET/],
  [
    'no secret on GitHub',
    { 'GET /app/hook/config': { body: { ...hook, secret: undefined } } },
    {},
    'webhook',
    /no secret/,
  ],
  [
    'unchecked certificates',
    { 'GET /app/hook/config': { body: { ...hook, insecure_ssl: '1' } } },
    {},
    'webhook',
    /certificates/,
  ],
  [
    'failed deliveries',
    { 'GET /app/hook/deliveries': { body: [{ status: 'Invalid HTTP Response: 401', status_code: 401 }] } },
    {},
    'webhook',
    /failed 1 of the last 1 .*401/,
  ],
  ['a wrong clock', {}, { now: () => Date.now() + 300_000 }, 'clock', /30\d s ahead/],
  ['a GitHub server error', { 'GET /meta': { status: 503 } }, {}, 'reachability', /503/],
  [
    'a wrong token',
    { 'GET /user': { status: 401, body: { message: 'Bad credentials' } } },
    asToken,
    'credential',
    /Bad cred/,
  ],
  [
    'a token without the scope',
    { 'GET /user': { body: { login: 'ann' }, headers: { 'x-oauth-scopes': 'gist, read:org' } } },
    asToken,
    'permissions',
    /scopes gist, read:org.*repo/,
  ],
  [
    'a fine-grained token without read permissions',
    {
      'GET /user': { body: { login: 'ann' } },
      'GET /user/repos': { body: [{ full_name: 'octo/app', name: 'app', owner: { login: 'octo' } }] },
      'GET /repos/octo/app/branches': { body: [] },
      'GET /repos/octo/app/issues': { status: 403, body: { message: 'no' } },
      'GET /repos/octo/app/pulls': { body: [] },
      'GET /repos/octo/app/actions/runs': { body: { total_count: 0, workflow_runs: [] } },
    },
    asToken,
    'permissions',
    /no access to issues in octo\/app.*Pull requests: read and write/,
  ],
])('finds %s, and says what to do', async (_case, overrides, settings, name, text) => {
  const found = await diagnose(overrides, settings);
  expect(problems(found)).toContain(name);
  expect(`${found[name]!.detail} ${found[name]!.remedy}`).toMatch(text);
});

it('diagnoses missing settings and an unreachable GitHub', async () => {
  expect(problems(await diagnose({}, { appId: undefined, webhookSecret: undefined }))).toEqual([
    'credential',
    'permissions',
    'webhook',
  ]);
  await github.close();
  expect(problems(await diagnose())).toEqual(['credential', 'permissions', 'webhook', 'clock', 'reachability']);
});
