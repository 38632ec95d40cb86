import { parseReport } from '../../../libs/flow/execution/src/gate/test-report';
import { mutate, oddJson, oddText } from '../mutate';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';

const escape = (text: string) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

function attribute(name: string, random: Random): string {
  return random.chance(0.1) ? '' : ` ${name}="${random.chance(0.8) ? escape(oddText(random)) : oddText(random)}"`;
}

function testCase(random: Random): string {
  const outcome = random.pick([
    '',
    '',
    '<failure>x</failure>',
    '<error/>',
    '<skipped/>',
    `<![CDATA[${oddText(random)}]]>`,
    '<failure',
  ]);
  return `<testcase${attribute('name', random)}${attribute('classname', random)}${attribute('time', random)}>${outcome}</testcase>`;
}

function suite(random: Random, depth: number): string {
  const inner = random.list(12, () => (depth < 8 && random.chance(0.3) ? suite(random, depth + 1) : testCase(random)));
  return `<testsuite${attribute('name', random)}${attribute('tests', random)}>${inner.join('')}</testsuite>`;
}

/** Documents that are small and expensive. */
function bomb(random: Random): string {
  const size = random.size(60_000);
  return random.pick([
    () => '<testsuites>'.repeat(size),
    () => `<testsuites>${'<testsuite name="a">'.repeat(size)}${'</testsuite>'.repeat(size)}</testsuites>`,
    () => `<testsuites>${'<testcase name="a"/>'.repeat(size)}</testsuites>`,
    () => `<testsuites><testcase name="${'&amp;'.repeat(size)}"/></testsuites>`,
    () => `<testsuites ${Array.from({ length: size }, (_, n) => `a${n}="b"`).join(' ')}/>`,
    () => `<testsuites><![CDATA[${']]'.repeat(size)}`,
    () => `<testsuites><!--${'-'.repeat(size)}`,
    () =>
      `<!DOCTYPE a [<!ENTITY a0 "x">${Array.from({ length: 40 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`).join('')}]><testsuites><testcase name="&a40;"/></testsuites>`,
    () => '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuites><testcase name="&e;"/></testsuites>',
  ])();
}

function jestReport(random: Random): unknown {
  const result = () => ({
    ...{ fullName: oddText(random), title: oddText(random), ancestorTitles: random.list(4, () => oddText(random, 8)) },
    status: random.pick(['passed', 'failed', 'pending', 'todo', 'skipped', 'disabled', oddJson(random)]),
  });
  const file = () => ({
    name: `/workspace/${oddText(random, 12)}`,
    assertionResults: random.list(20, result),
    message: '',
  });
  const report = { success: random.chance(0.5), numTotalTests: random.below(99), testResults: random.list(8, file) };
  return random.chance(0.8) ? report : { ...report, [random.pick(['testResults', 'success'])]: oddJson(random) };
}

/** Test reports, which the tests themselves can write: results or null, never an error. The first character is the format. */
export const report: FuzzTarget = {
  name: 'report',
  maxMs: 3_000,
  generate(random) {
    if (random.chance(0.3)) return mutate(Buffer.from(`j${JSON.stringify(jestReport(random))}`), random);
    const xml = random.chance(0.05)
      ? bomb(random)
      : `<?xml version="1.0"?><testsuites>${suite(random, 0)}</testsuites>`;
    return mutate(Buffer.from(`x${xml}`), random);
  },
  check(input) {
    const format = input[0] === 106 ? 'jest' : 'junit';
    const { results } = parseReport(format, input.subarray(1), '/workspace');
    if (results === null) return;
    const text = JSON.stringify(results);
    if (/root:x:0/.test(text)) throw new Error('the report read a file of the host');
    if (text.length > input.length * 20 + 10_000)
      throw new Error(`a report of ${input.length} bytes grew to ${text.length}`);
  },
};
