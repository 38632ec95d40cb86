import { DomainError, FORGE_TIMEOUT_MS, UnavailableError, type Diagnosis } from '@teko/domain';
import type { Octokit } from 'octokit';
import type { Access } from './access';
import { recoverFrom } from './errors';
import { tokenPermissions } from './token-permissions';
import { apiUrlOf, type GithubSettings } from './settings';

type Finding = Omit<Diagnosis, 'name'>;

const MAX_CLOCK_SKEW_MS = 60_000;
const PERMISSIONS: Record<string, 'read' | 'write'> = {
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  checks: 'read',
  statuses: 'read',
  actions: 'read',
  metadata: 'read',
};
const EVENTS = [
  'issues',
  'issue_comment',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'check_run',
  'check_suite',
  'status',
  'push',
  'repository',
];

const success = (detail: string): Finding => ({ ok: true, detail, remedy: null });
const problem = (detail: string, remedy: string): Finding => ({ ok: false, detail, remedy });

/** Checks each part of the connection to GitHub separately. Never throws. */
export async function diagnose(access: Access, settings: GithubSettings): Promise<Diagnosis[]> {
  const server = await ping(apiUrlOf(settings));
  const checks: [string, () => Finding | Promise<Finding>][] = [
    ['credential', () => credential(access)],
    ['permissions', () => permissions(access)],
    ['webhook', () => webhook(access, settings)],
    ['clock', () => clock(server.date, (settings.now ?? Date.now)())],
    ['reachability', () => server.finding],
  ];
  return Promise.all(checks.map(async ([name, check]) => ({ name, ...(await attempt(check)) })));
}

async function attempt(check: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    const remedy = error instanceof UnavailableError && error.remedy;
    const detail =
      error instanceof DomainError ? error.message : `GitHub sent an unexpected response (${String(error)})`;
    return problem(detail, remedy || 'Try again when GitHub can be reached; see reachability');
  }
}

async function ping(apiUrl: string): Promise<{ finding: Finding; date: string | null }> {
  try {
    const signal = AbortSignal.timeout(FORGE_TIMEOUT_MS);
    const response = await fetch(`${apiUrl}/meta`, { signal, headers: { 'user-agent': 'teko' } });
    await response.body?.cancel();
    const date = response.headers.get('date');
    if (response.status < 500) return { finding: success(`${apiUrl} responds`), date };
    const down = problem(`${apiUrl} responds with status ${response.status}`, 'Check https://www.githubstatus.com');
    return { finding: down, date };
  } catch {
    const remedy = 'Check GITHUB_API_URL, and the DNS, proxy and firewall of this host';
    return { finding: problem(`${apiUrl} does not respond`, remedy), date: null };
  }
}

function clock(date: string | null, now: number): Finding {
  if (!date) return problem('the time on GitHub is unknown', 'See reachability');
  const seconds = Math.round((now - Date.parse(date)) / 1000);
  if (Math.abs(seconds) * 1000 <= MAX_CLOCK_SKEW_MS)
    return success(`within ${Math.abs(seconds)} s of the time on GitHub`);
  const detail = `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the time on GitHub, so an App cannot sign in`;
  return problem(detail, 'Synchronize the clock of this host, for example with NTP');
}

async function credential({ app, user }: Access): Promise<Finding> {
  if (!app) {
    const { data, headers } = await user!.rest.users.getAuthenticated();
    const expiry = headers['github-authentication-token-expiration'];
    return success(`token of ${data.login}${expiry ? `, which expires on ${expiry}` : ''}`);
  }
  const { data } = await app.octokit.rest.apps.getAuthenticated();
  const installations = await app.installations.all();
  if (installations.length > 0)
    return success(`App ${data!.slug}, installed for ${installations.map(({ account }) => account).join(', ')}`);
  return problem(`App ${data!.slug} is not installed anywhere`, `Install it: ${data!.html_url}/installations/new`);
}

async function permissions({ app, user }: Access): Promise<Finding> {
  if (!app) return tokenPermissions(user!);
  const { data } = await app.octokit.rest.apps.getAuthenticated();
  const granted = data!.permissions as Record<string, string>;
  const missingEvents = EVENTS.filter((event) => !data!.events.includes(event));
  const missing = missingPermissions(granted).map((permission) => `permission ${permission}`);
  missing.push(...missingEvents.map((event) => `event ${event}`));
  if (missing.length > 0) return problem(`the App lacks ${missing.join(', ')}`, 'Add them in the settings of the App');
  const installations = await app.installations.all();
  const outdated = installations
    .filter((installation) => missingPermissions(installation.permissions).length > 0)
    .map(({ account }) => account);
  if (outdated.length === 0) return success('the App has all permissions and events that it needs');
  const detail = `new permissions of the App are not accepted yet by ${outdated.join(', ')}`;
  return problem(detail, 'Accept them in the settings of the installation there');
}

function missingPermissions(granted: Record<string, string>): string[] {
  const rank = (level: string | undefined) => ['read', 'write', 'admin'].indexOf(level ?? '');
  return Object.entries(PERMISSIONS)
    .filter(([name, level]) => rank(granted[name]) < rank(level))
    .map(([name, level]) => `${name}: ${level}`);
}

async function webhook(access: Access, { webhookSecret }: GithubSettings): Promise<Finding> {
  if (!webhookSecret)
    return problem(
      'GITHUB_WEBHOOK_SECRET is not set, so webhooks are refused and Teko only polls GitHub',
      'Set it to the secret of the webhook on GitHub',
    );
  if (access.error || !access.app) return success('a secret is set; webhooks of single repositories are not checked');
  const { octokit } = access.app;
  const config = await octokit.rest.apps.getWebhookConfigForApp().catch(recoverFrom(['not_found', 'forbidden'], null));
  if (!config) return success('a secret is set; GitHub does not show the webhook of the App');
  const { url, secret, insecure_ssl } = config.data;
  if (!url)
    return problem('the App has no webhook URL', 'Set it to TEKO_URL/webhooks/github in the settings of the App');
  if (!secret)
    return problem(
      'the webhook of the App has no secret',
      'Set it to GITHUB_WEBHOOK_SECRET in the settings of the App',
    );
  if (String(insecure_ssl ?? '0') !== '0')
    return problem(
      `the webhook to ${url} does not verify certificates`,
      'Enable SSL verification in the settings of the App',
    );
  return deliveries(octokit, url);
}

async function deliveries(octokit: Octokit, url: string): Promise<Finding> {
  const { data } = await octokit.rest.apps.listWebhookDeliveries({ per_page: 30 });
  const failed = data.filter(({ status_code }) => status_code < 200 || status_code >= 300);
  if (failed.length === 0) return success(`${url} accepted the last ${data.length} deliveries`);
  const [{ status, status_code }] = failed as [(typeof failed)[0]];
  const detail = `${url} failed ${failed.length} of the last ${data.length} deliveries, the last one with ${status} (${status_code})`;
  return problem(detail, 'Check that GitHub can reach the URL, and that both sides have the same secret');
}
