import type { GateReport } from '@teko/domain';
import { aChange, aFinding, aRun, aTask } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { branchName, changeBody, deliveredComment, reportComment, unfinishedText } from './templates';

describe('branchName', () => {
  it.each([
    ['Fix the totals', 'teko/7-fix-the-totals'],
    ['Été: "$(rm -rf /)" ../..', 'teko/7-e-te-rm-rf'],
    ['Orders of exactly 10, 50 or 100 pieces get', 'teko/7-orders-of-exactly-10-50-or-100-pieces'],
    ['日本語', 'teko/7'],
    ['x'.repeat(80), `teko/7-${'x'.repeat(40)}`],
  ])('of the title %j is %s', (title, branch) => {
    expect(branchName({ number: 7, title })).toBe(branch);
  });
});

/** Text that tries to act, to break out of code, and to look like Teko's. */
const HOSTILE =
  'x` **@octocat** fixes #1 [skip ci] <!-- teko --> <img src=x>\n\n## Cost\n\nnone\n/approve\nCloses: GH-1\n```\n## Cost\n</details>';
const ACTS = /@octocat|fixes #1|Closes: GH-1|\[skip ci\]|^\/approve/m;
/** Removes code: HTML and headings of the text are visible there as they are. */
const withoutCode = (text: string) =>
  text.replace(/^(`{3,})[\s\S]*?\n\1$/gm, '').replace(/(`+)[^\n]*?[^`]\1(?!`)/g, '');
const LIMIT = 65_536;

function names(count: number, length = 0): string[] {
  return Array.from({ length: count }, (_, i) => `test ${i}`.padEnd(length, 'x'));
}

function aGate(overrides: Partial<GateReport> = {}): GateReport {
  const none = { newFailures: [], oldFailures: [], fixed: [], alteredTests: [], executions: [] };
  const added = { missing: [], skipped: [], witnesses: [], runnerFiles: [], canaries: [] };
  return { verdict: 'green', reason: 'All pass.', ...none, ...added, ...overrides };
}

function anExecution(command: string, output: string): GateReport['executions'][number] {
  return { tree: 'head', commit: 'c', command, exitCode: 0, timedOut: false, durationMs: 1, tests: null, output };
}

const task = aTask({ number: 3, issueNumber: 7 });
const bodyOf = (gate: Partial<GateReport>, report = {}, template: string | null = null) =>
  changeBody({
    run: aRun({ number: 5 }),
    task,
    gate: aGate(gate),
    report: { title: 'Fix it', summary: 'Fixed.', ...report },
    leftOut: [],
    runUrl: 'https://teko.test/#/runs/1',
    template,
  });

const LISTS = [
  ...['witnesses', 'fixed', 'oldFailures', 'missing', 'skipped', 'alteredTests', 'runnerFiles', 'newFailures'],
] as const;

describe('changeBody', () => {
  it('cuts a list, and keeps issue, cost and template', () => {
    const body = bodyOf({ fixed: names(1_501) }, {}, '## Checklist\n\n- [ ] <!-- docs --> Docs');
    expect(body).toContain('- `test 49`\n- and 1,451 more\n');
    expect(body).not.toContain('test 50`');
    expect(body).toContain('[run 5](https://teko.test/#/runs/1). Closes #7.');
    expect(body).toMatch(/## Cost\n\n\d+ turns/);
    expect(body.endsWith('---\n\n## Checklist\n\n- [ ] <!-- docs --> Docs')).toBe(true);
  });

  it.each([
    ['long names', { fixed: names(9, 90_000), oldFailures: names(2_000, 400) }, {}, null],
    ['a long summary', {}, { summary: '@a'.repeat(50_000), notDone: '`'.repeat(50_000) }, null],
    [
      'long criteria',
      {},
      { criteria: names(30, 5_000).map((name) => ({ criterion: name, evidence: `${name}<b` })) },
      null,
    ],
    ['a long reason', { reason: '<b@a`'.repeat(50_000) }, {}, null],
    ['a long template', {}, {}, 'x'.repeat(64 * 1024)],
    [
      'long commands',
      { executions: names(300, 2_000).map((name) => anExecution(name, name)) },
      {},
      'x'.repeat(64 * 1024),
    ],
    [
      'everything long',
      {
        reason: '<b'.repeat(9_000),
        ...Object.fromEntries(LISTS.map((list) => [list, names(2_000, 99)])),
        executions: names(10, 499).map((name) => anExecution(name, '`@a<'.repeat(2_000))),
      },
      { summary: '```\n@a'.repeat(9_000), notDone: '<b'.repeat(9_000) },
      'x'.repeat(64 * 1024),
    ],
  ])('is accepted with %s', (_what, gate, report, template) => {
    const body = bodyOf(gate, report, template);
    expect(body.length).toBeLessThan(LIMIT);
    for (const kept of ['## Summary', '## How it was tested', '## Cost', 'Closes #7.']) expect(body).toContain(kept);
    if (template) expect(body).toMatch(/\n---\n\nx{10000}/);
    // The evidence is shortened, never left out.
    if ('fixed' in gate) expect(body).toMatch(/- `test 0[^\n]*\n(?:- [^\n]*\n)*?- and [\d,]+ more/);
  });

  it('contains nothing that acts, wherever the text is', () => {
    const hostile = { summary: HOSTILE, notDone: HOSTILE, criteria: [{ criterion: HOSTILE, evidence: HOSTILE }] };
    const executions = [anExecution(HOSTILE, HOSTILE)];
    const gate = { reason: HOSTILE, fixed: [HOSTILE], oldFailures: [HOSTILE], executions };
    const body = bodyOf(gate, hostile);
    expect(body).not.toMatch(ACTS);
    expect(withoutCode(body)).not.toMatch(/<!--|<img/);
    expect(withoutCode(body).match(/^#{1,3} .*|<\/?details>/gm)).toEqual([
      '## Summary',
      '## How it was tested',
      ...['<details>', '</details>'],
      '## Acceptance criteria',
      '## Not done',
      '## Cost',
    ]);
  });
});

describe('comments', () => {
  const run = aRun({ number: 5, outcome: 'gate_red', outcomeDetail: HOSTILE });
  const resumePoint = {
    ...{ outcome: 'gate_red', baseCommit: 'b', headCommit: 'h', branch: HOSTILE, turns: 1, verdict: 'red' },
    failing: [HOSTILE, ...names(2_000, 500)],
  } as never;

  it.each([
    ['a failed run', reportComment({ ...run, resumePoint }, undefined)],
    [
      'a review',
      reportComment(
        aRun({ outcome: 'reviewed' }),
        [HOSTILE, ...names(2_000, 200)].map((title) => aFinding({ title, path: title })),
      ),
    ],
    [
      'a delivered change',
      deliveredComment({
        ...{ run, change: aChange({ branch: HOSTILE }), gate: aGate({ reason: HOSTILE }) },
        leftOut: [{ path: HOSTILE, reason: 'untracked' }],
      }),
    ],
  ])('about %s contain nothing that acts, and are accepted', (_what, text) => {
    expect(text).not.toMatch(ACTS);
    expect(withoutCode(text.replace('json\n', '\n'))).not.toMatch(/<!--|<img|^## /m);
    expect(text.length).toBeLessThan(LIMIT);
  });

  it('have a title of one line that does nothing', () => {
    const { title } = unfinishedText(aTask({ title: HOSTILE }), run);
    expect(title).not.toMatch(ACTS);
    expect(title).toMatch(/^.{20,240} \(unfinished\)$/);
  });
});
