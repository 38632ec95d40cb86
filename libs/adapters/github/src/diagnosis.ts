import { DomainError, FORGE_TIMEOUT_MS, UnavailableError, type Diagnosis } from '@teko/domain';
import type { Octokit } from 'octokit';
import type { Access } from './access';
import { unless } from './failure';
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

const fine = (detail: string): Finding => ({ ok: true, detail, remedy: null });
const fault = (detail: string, remedy: string): Finding => ({ ok: false, detail, remedy });

/** Looks at everything that can be wrong between GitHub and Teko, each for itself. Never throws. */
export async function diagnose(access: Access, settings: GithubSettings): Promise<Diagnosis[]> {
  const greeting = await greet(apiUrlOf(settings));
  const looks: [string, () => Finding | Promise<Finding>][] = [
    ['credential', () => credential(access)],
    ['permissions', () => permissions(access)],
    ['webhook', () => webhook(access, settings)],
    ['clock', () => clock(greeting.date, (settings.now ?? Date.now)())],
    ['reachability', () => greeting.finding],
  ];
  return Promise.all(looks.map(async ([name, look]) => ({ name, ...(await attempt(look)) })));
}

async function attempt(look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const remedy = error instanceof UnavailableError && error.remedy;
    const detail = error instanceof DomainError ? error.message : `GitHub sent something unexpected (${String(error)})`;
    return fault(detail, remedy || 'Try again when GitHub can be reached; see reachability');
  }
}

async function greet(apiUrl: string): Promise<{ finding: Finding; date: string | null }> {
  try {
    const signal = AbortSignal.timeout(FORGE_TIMEOUT_MS);
    const response = await fetch(`${apiUrl}/meta`, { signal, headers: { 'user-agent': 'teko' } });
    await response.body?.cancel();
    const date = response.headers.get('date');
    if (response.status < 500) return { finding: fine(`${apiUrl} answers`), date };
    const down = fault(`${apiUrl} answers with status ${response.status}`, 'Look at https://www.githubstatus.com');
    return { finding: down, date };
  } catch {
    const remedy = 'Check GITHUB_API_URL, DNS, proxy and firewall of this host';
    return { finding: fault(`${apiUrl} does not answer`, remedy), date: null };
  }
}

function clock(date: string | null, now: number): Finding {
  if (!date) return fault('GitHub’s time is not known', 'See reachability');
  const seconds = Math.round((now - Date.parse(date)) / 1000);
  if (Math.abs(seconds) * 1000 <= MAX_CLOCK_SKEW_MS) return fine(`within ${Math.abs(seconds)} s of GitHub’s`);
  const detail = `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} GitHub’s, and an App cannot sign in like that`;
  return fault(detail, 'Set this host’s clock, for example with NTP');
}

async function credential({ app, user }: Access): Promise<Finding> {
  if (!app) {
    const { data, headers } = await user!.rest.users.getAuthenticated();
    const end = headers['github-authentication-token-expiration'];
    return fine(`token of ${data.login}${end ? `, which ends on ${end}` : ''}`);
  }
  const { data } = await app.octokit.rest.apps.getAuthenticated();
  const places = await app.installations.all();
  if (places.length > 0)
    return fine(`App ${data!.slug}, installed for ${places.map(({ account }) => account).join(', ')}`);
  return fault(`App ${data!.slug} is installed nowhere`, `Install it: ${data!.html_url}/installations/new`);
}

async function permissions({ app, user }: Access): Promise<Finding> {
  if (!app) return tokenPermissions(user!);
  const { data } = await app.octokit.rest.apps.getAuthenticated();
  const given = data!.permissions as Record<string, string>;
  const deaf = EVENTS.filter((event) => !data!.events.includes(event));
  const faults = lacking(given).map((permission) => `permission ${permission}`);
  faults.push(...deaf.map((event) => `event ${event}`));
  if (faults.length > 0) return fault(`the App lacks ${faults.join(', ')}`, 'Add them in the settings of the App');
  const places = await app.installations.all();
  const behind = places.filter((place) => lacking(place.permissions).length > 0).map(({ account }) => account);
  if (behind.length === 0) return fine('the App has all permissions and events that it needs');
  const detail = `new permissions of the App are not accepted yet by ${behind.join(', ')}`;
  return fault(detail, 'Accept them in the settings of its installation there');
}

function lacking(given: Record<string, string>): string[] {
  const rank = (level: string | undefined) => ['read', 'write', 'admin'].indexOf(level ?? '');
  return Object.entries(PERMISSIONS)
    .filter(([name, level]) => rank(given[name]) < rank(level))
    .map(([name, level]) => `${name}: ${level}`);
}

async function webhook(access: Access, { webhookSecret }: GithubSettings): Promise<Finding> {
  if (!webhookSecret)
    return fault(
      'GITHUB_WEBHOOK_SECRET is not set, so webhooks are refused and Teko learns by asking alone',
      'Set the same secret here and in the settings of the webhook on GitHub',
    );
  if (access.fault || !access.app) return fine('a secret is set; webhooks of single repositories are not looked at');
  const { octokit } = access.app;
  const config = await octokit.rest.apps.getWebhookConfigForApp().catch(unless(['not_found', 'forbidden'], null));
  if (!config) return fine('a secret is set; GitHub tells nothing of the App’s webhook');
  const { url, secret, insecure_ssl } = config.data;
  if (!url) return fault('the App has no webhook URL', 'Set it to TEKO_URL/webhooks/github in the settings of the App');
  if (!secret) return fault('the App’s webhook has no secret', 'Set GITHUB_WEBHOOK_SECRET there too');
  if (String(insecure_ssl ?? '0') !== '0')
    return fault(`the webhook to ${url} does not check certificates`, 'Switch SSL verification on in the App');
  return deliveries(octokit, url);
}

async function deliveries(octokit: Octokit, url: string): Promise<Finding> {
  const { data } = await octokit.rest.apps.listWebhookDeliveries({ per_page: 30 });
  const failed = data.filter(({ status_code }) => status_code < 200 || status_code >= 300);
  if (failed.length === 0) return fine(`${url} took the last ${data.length} deliveries`);
  const [{ status, status_code }] = failed as [(typeof failed)[0]];
  const detail = `${url} failed ${failed.length} of the last ${data.length} deliveries, last with ${status} (${status_code})`;
  return fault(detail, 'Check that GitHub can reach the URL, and that the secret is the same on both sides');
}
