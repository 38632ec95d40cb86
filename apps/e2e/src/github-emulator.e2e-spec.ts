import { createHmac } from 'node:crypto';
import { App, Octokit } from 'octokit';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from './github-faults';
import { clientOf } from './github-emulator-backend';
import { cloneOf, commit, webhookReceiver, repositoryWith } from './github-fixture';
import { git } from './github-repositories';
import { startGithub, type Github, type GithubSetup } from './github-emulator';

const NAME = 'acme/shop';
const REPO = { owner: 'acme', repo: 'shop' };

/** Tests the emulator without Teko, with GitHub's own client and git. */
describe('the GitHub emulator', () => {
  async function start(as?: GithubSetup['as']): Promise<Github> {
    const path = repositoryWith({ 'README.md': '# Shop\n', 'price.txt': 'one\ntwo\nthree\n' });
    const users = [
      { login: 'ann', role: 'admin' as const },
      { login: 'stranger', role: 'none' as const },
    ];
    const github = await startGithub({ repositories: [{ name: NAME, path }], users, ...(as ? { as } : {}) });
    return github;
  }

  async function mint(github: Github): Promise<{ octokit: Octokit; token: string }> {
    const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY: privateKey } = github.env;
    const quiet = { baseUrl: github.apiUrl, retry: { enabled: false }, throttle: { enabled: false } };
    const app = new App({ appId: appId!, privateKey: privateKey!, Octokit: Octokit.defaults(quiet) });
    const { data } = await app.octokit.rest.apps.getRepoInstallation(REPO);
    const installation = { installation_id: data.id };
    const { token } = (await app.octokit.rest.apps.createInstallationAccessToken(installation)).data;
    return { octokit: clientOf(github.apiUrl, token), token };
  }

  const urlWith = (github: Github, token: string) =>
    `${github.apiUrl.replace('//', `//x-access-token:${token}@`)}/${NAME}.git`;

  const clone = (url: string, ...options: string[]) => cloneOf(url, options);

  async function pushed(github: Github, token: string, branch: string, files: Record<string, string>) {
    const path = await clone(urlWith(github, token));
    await git(path, ['switch', '--quiet', '-c', branch]);
    const sha = commit(path, files, `Work on ${branch}`);
    await git(path, ['push', '--quiet', 'origin', branch]);
    return { path, sha };
  }

  it('supports a change from the issue through a review to the merge', async () => {
    const github = await start();
    const ann = github.as('ann');
    const issue = await ann.openIssue(NAME, { title: 'Wrong price', labels: ['teko'] });
    const { octokit, token } = await mint(github);
    const { path, sha } = await pushed(github, token, 'teko/1', { 'price.txt': 'one\n2\nthree\n' });

    const draft = {
      ...REPO,
      title: 'Right price',
      body: `Closes #${issue}`,
      head: 'teko/1',
      base: 'main',
      draft: true,
    };
    const { data: pullRequest } = await octokit.rest.pulls.create(draft);
    expect(pullRequest).toMatchObject({ head: { sha }, draft: true, user: { login: 'teko[bot]', type: 'Bot' } });
    await expect(octokit.rest.pulls.create(draft)).rejects.toThrow('A pull request already exists for acme:teko/1.');
    const ready = `mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }`;
    expect(await octokit.graphql(ready, { id: pullRequest.node_id })).toMatchObject({
      markPullRequestReadyForReview: { pullRequest: { isDraft: false } },
    });

    const line = { path: 'price.txt', line: 2, body: 'In words, please' };
    await ann.review(NAME, pullRequest.number, { event: 'REQUEST_CHANGES', body: 'Nearly', comments: [line] });
    const number = { ...REPO, pull_number: pullRequest.number };
    const [comment] = (await octokit.rest.pulls.listReviewComments(number)).data;
    expect(comment).toMatchObject({ ...line, user: { login: 'ann' }, commit_id: sha });
    const second = commit(path, { 'price.txt': 'one\ntwo!\nthree\n' }, 'In words');
    await git(path, ['push', '--quiet', 'origin', 'teko/1']);
    await octokit.rest.pulls.createReplyForReviewComment({ ...number, comment_id: comment!.id, body: 'Done' });
    expect((await octokit.rest.pulls.get(number)).data).toMatchObject({ head: { sha: second }, mergeable: null });
    expect((await octokit.rest.pulls.get(number)).data).toMatchObject({
      mergeable: true,
      commits: 2,
      changed_files: 1,
    });

    await ann.check(NAME, second, { name: 'test', status: 'completed', conclusion: 'success' });
    const merged = await ann.merge(NAME, pullRequest.number);
    const issueNow = await octokit.rest.issues.get({ ...REPO, issue_number: issue });
    expect(issueNow.data).toMatchObject({ state: 'closed', state_reason: 'completed' });
    expect((await octokit.rest.git.getRef({ ...REPO, ref: 'heads/main' })).data.object.sha).toBe(merged);
    await git(path, ['fetch', '--quiet', 'origin']);
    expect((await git(path, ['show', 'origin/main:price.txt'])).text).toBe('one\ntwo!\nthree');

    const names = github.webhooks.log.map(({ event, action }) => (action ? `${event}.${action}` : event));
    expect(names).toEqual(
      expect.arrayContaining([
        ...[
          'issues.opened',
          'issues.labeled',
          'create',
          'push',
          'pull_request.opened',
          'pull_request.ready_for_review',
        ],
        ...['pull_request_review.submitted', 'pull_request_review_comment.created', 'pull_request.synchronize'],
        ...['check_run.completed', 'pull_request.closed', 'issues.closed'],
      ]),
    );
    const closed = github.webhooks.log.find(({ event, action }) => event === 'pull_request' && action === 'closed');
    expect(closed?.payload).toMatchObject({
      pull_request: { merged: true, merge_commit_sha: merged, head: { sha: second } },
    });
    expect(await github.validateRequests()).toEqual([]);
  });

  it('rejects unknown and revoked tokens and everything that GitHub rejects', async () => {
    const github = await start();
    const { octokit, token } = await mint(github);
    await expect(clientOf(github.apiUrl, 'ghs_wrong').rest.repos.get(REPO)).rejects.toMatchObject({ status: 401 });
    await expect(clone(urlWith(github, 'ghs_wrong'))).rejects.toThrow('Authentication failed');
    await expect(clone(`${github.apiUrl}/${NAME}.git`)).rejects.toThrow('could not read Username');
    const stranger = await clone(github.as('stranger').gitUrl(NAME));
    commit(stranger, { 'price.txt': 'zero\n' }, 'Cheap');
    await expect(git(stranger, ['push', '--quiet', 'origin', 'main'])).rejects.toThrow('403');
    await expect(octokit.rest.users.getAuthenticated()).rejects.toMatchObject({ status: 403 });
    const pullRequest = { ...REPO, title: 'None', base: 'main' };
    await expect(octokit.rest.pulls.create({ ...pullRequest, head: 'nowhere' })).rejects.toMatchObject({ status: 422 });
    await pushed(github, token, 'one', { 'price.txt': '1\n' });
    const { path } = await pushed(github, github.as('ann').token, 'two', { 'price.txt': '2\n' });
    await git(path, ['push', '--quiet', 'origin', 'two:main']);
    const { number } = (await octokit.rest.pulls.create({ ...pullRequest, head: 'one' })).data;
    await octokit.rest.pulls.get({ ...REPO, pull_number: number });
    const { data } = await octokit.rest.pulls.get({ ...REPO, pull_number: number });
    expect(data).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
    await expect(github.as('ann').merge(NAME, number)).rejects.toMatchObject({ status: 405 });
    github.revokeTokens();
    await expect(octokit.rest.repos.get(REPO)).rejects.toMatchObject({ status: 401 });
    await (await mint(github)).octokit.rest.repos.get(REPO);
  });

  it('lists pull requests as issues, including those from forks of users without access', async () => {
    const github = await start();
    const { octokit } = await mint(github);
    const stranger = github.as('stranger');
    await stranger.octokit.rest.repos.createFork(REPO);
    const path = await clone(stranger.gitUrl('stranger/shop'));
    const sha = commit(path, { 'README.md': '# Mine\n' }, 'Mine');
    await git(path, ['push', '--quiet', 'origin', 'main:mine']);
    const pullRequest = { ...REPO, title: 'Take it', head: 'stranger:mine', base: 'main' };
    const { number } = (await stranger.octokit.rest.pulls.create(pullRequest)).data;
    await stranger.comment(NAME, number, '@teko implement');
    const [item] = (await octokit.rest.issues.listForRepo({ ...REPO, since: '2020-01-01T00:00:00Z' })).data;
    expect(item).toMatchObject({ number, pull_request: { url: expect.stringContaining(`/pulls/${number}`) } });
    const opened = (await octokit.rest.pulls.get({ ...REPO, pull_number: number })).data;
    expect(opened.head).toMatchObject({ sha, repo: { full_name: 'stranger/shop' } });
    const delivery = github.webhooks.log.find(({ event }) => event === 'issue_comment');
    expect(delivery?.payload).toMatchObject({ issue: { pull_request: {} }, comment: { author_association: 'NONE' } });
    const access = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...REPO, username: 'stranger' });
    expect(access.data.permission).toBe('read');
    await git(await clone(github.as('ann').gitUrl(NAME)), ['fetch', '--quiet', 'origin', `refs/pull/${number}/head`]);
  });

  it('provides check runs, commit statuses, comments and installations', async () => {
    const github = await start();
    const { octokit } = await mint(github);
    const ann = github.as('ann');
    const { sha } = (await octokit.rest.git.getRef({ ...REPO, ref: 'heads/main' })).data.object;
    const failed = { name: 'test', status: 'completed', conclusion: 'failure', log: 'it broke' } as const;
    const check = await ann.check(NAME, sha, failed);
    const job = { ...REPO, job_id: check };
    expect((await octokit.rest.actions.downloadJobLogsForWorkflowRun(job)).data).toBe('it broke');
    await octokit.rest.actions.reRunJobForWorkflowRun(job);
    const { check_runs: runs } = (await octokit.rest.checks.listForRef({ ...REPO, ref: sha })).data;
    expect(runs).toMatchObject([{ id: check + 1, name: 'test', status: 'queued' }]);
    const status = async () => (await octokit.rest.repos.getCombinedStatusForRef({ ...REPO, ref: 'main' })).data;
    expect(await status()).toMatchObject({ state: 'pending', total_count: 0 });
    await ann.octokit.rest.repos.createCommitStatus({ ...REPO, sha, state: 'success', context: 'old' });
    expect(await status()).toMatchObject({ state: 'success', statuses: [{ context: 'old' }] });
    const issue = await ann.openIssue(NAME, { title: 'With a comment' });
    await ann.comment(NAME, issue, 'Something');
    const since = (await octokit.rest.issues.listCommentsForRepo(REPO)).data[0]!.updated_at;
    const later = await octokit.rest.issues.listCommentsForRepo({ ...REPO, since });
    expect(later.data).toMatchObject([{ body: 'Something', user: { login: 'ann' } }]);
    const seen = (await octokit.rest.apps.listReposAccessibleToInstallation()).data;
    expect(seen).toMatchObject({ total_count: 1, repositories: [{ full_name: NAME }] });
    expect((await octokit.rest.users.getByUsername({ username: github.tekoLogin })).data.type).toBe('Bot');
    expect(await github.validateRequests()).toEqual([]);
  });

  it.each(FAULT_KINDS)('fails the first request to every endpoint with %s', async (kind) => {
    const github = await start();
    const { octokit, token } = await mint(github);
    github.faults.inject(kind);
    const comment = (with_: Octokit) => with_.rest.issues.createComment({ ...REPO, issue_number: 1, body: 'Hello' });
    await github.as('ann').openIssue(NAME, { title: 'With a fault' });
    const failure = await comment(octokit).catch((error: { status?: number }) => error);
    const expected = { rate_limit: 403, secondary_limit: 403, server_error: 502, expired_token: 401 }[kind as string];
    expect(failure).toMatchObject({ status: expected ?? 500 });
    const endpoint = 'POST /repos/{owner}/{repo}/issues/{n}/comments';
    expect(github.faults.hits).toEqual([endpoint]);
    const again = kind === 'expired_token' ? await mint(github) : { octokit, token };
    await comment(again.octokit);
    const comments = await github.as('ann').octokit.rest.issues.listComments({ ...REPO, issue_number: 1 });
    expect(comments.data).toHaveLength(kind === 'dropped_after' ? 2 : 1);
    expect(github.requests.of(endpoint).map(({ fault }) => fault)).toEqual([kind, null]);
    const basic = Buffer.from(`x:${again.token}`).toString('base64');
    const attempt = () => clone(`${github.apiUrl}/${NAME}.git`, '-c', `http.extraHeader=Authorization: Basic ${basic}`);
    if (kind.endsWith('_limit')) await attempt();
    else await expect(attempt()).rejects.toThrow();
  });

  it('delivers signed webhooks, holds, drops and redelivers them', async () => {
    const github = await start();
    const { webhooks } = github;
    const { url, received } = await webhookReceiver();
    webhooks.deliverTo(url);
    const ann = github.as('ann');
    const issue = await ann.openIssue(NAME, { title: 'Delivered' });
    await webhooks.settled();
    const [first] = webhooks.log;
    const hmac = createHmac('sha256', github.env.GITHUB_WEBHOOK_SECRET!).update(received[0]!.body).digest('hex');
    expect(received).toMatchObject([{ id: first!.id, signature: `sha256=${hmac}` }]);
    webhooks.mode = 'hold';
    await ann.comment(NAME, issue, 'Held');
    expect([webhooks.undelivered.map(({ event }) => event), received.length]).toEqual([['issue_comment'], 1]);
    const [held] = webhooks.undelivered;
    for (let time = 0; time < 3; time++) expect(await webhooks.redeliver(held!)).toBe(202);
    expect(received.slice(1).map(({ id }) => id)).toEqual([held!.id, held!.id, held!.id]);
    webhooks.mode = 'drop';
    await ann.comment(NAME, issue, 'Dropped');
    webhooks.mode = 'deliver';
    await ann.label(NAME, issue, 'teko');
    expect(webhooks.log.map(({ event }) => event)).toEqual(['issues', 'issue_comment', 'issues']);
  });

  it('validates requests against the OpenAPI description of GitHub', async () => {
    const github = await start({ token: 'teko-dev' });
    const post = (path: string, body: unknown) =>
      fetch(`${github.apiUrl}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${github.env.GITHUB_TOKEN}`,
          'content-type': 'application/json',
          // The validation blocks this process for seconds, in which an open connection would time out.
          connection: 'close',
        },
        body: JSON.stringify(body),
      });
    await post('/repos/acme/shop/issues', { title: 'Good' });
    expect(await github.validateRequests()).toEqual([]);
    await post('/repos/acme/shop/issues', { body: 'No title' });
    await post('/repos/acme/shop/issues/1/comments', { body: 7 });
    await post('/repos/acme/shop/isues', { title: 'No such path' });
    expect((await github.validateRequests()).map(({ request, problem }) => `${request.number} ${problem}`)).toEqual([
      expect.stringMatching(/^2 .*must have required property 'title'/),
      expect.stringMatching(/^3 .*body.* must be string/),
      expect.stringMatching(/^4 .*no path matched/),
    ]);
    expect(github.webhooks.log[0]?.payload).toMatchObject({ sender: { login: 'teko-dev' } });
  });

  it('returns 304 if the ETag matches', async () => {
    const github = await start({ token: 'teko-dev' });
    const headers = { authorization: `Bearer ${github.env.GITHUB_TOKEN}` };
    const first = await fetch(`${github.apiUrl}/repos/${NAME}`, { headers });
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${github.apiUrl}/repos/${NAME}`, { headers: { ...headers, 'if-none-match': etag } });
    expect([first.status, again.status, first.headers.get('x-ratelimit-limit')]).toEqual([200, 304, '5000']);
    expect(await first.json()).toMatchObject({ clone_url: `${github.apiUrl}/${NAME}.git`, default_branch: 'main' });
  });
});
