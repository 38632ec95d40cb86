type TestFile = { path: string; source: string };

/** Assertions of node:assert that must all throw. */
const NODE_CHECKS = `
  () => assert(false), () => assert.ok(0), () => assert.equal(1, 2), () => assert.strictEqual(1, 2),
  () => assert.deepEqual({ a: 1 }, { a: 2 }), () => assert.deepStrictEqual([1], [2]), () => assert.notEqual(1, 1),
  () => assert.notStrictEqual(1, 1), () => assert.throws(() => undefined), () => assert.rejects(async () => undefined),
  () => assert.match('a', /b/), () => assert.fail(), () => assert.strict.equal(1, 2), () => assert.strict.deepEqual([1], [2]),`;

/** Matchers of Jest and Vitest that must all throw. */
const EXPECT_CHECKS = `
  () => expect(1).toBe(2), () => expect({ a: 1 }).toEqual({ a: 2 }), () => expect([1]).toStrictEqual([2]),
  () => expect({ a: 1 }).toMatchObject({ a: 2 }), () => expect(0).toBeTruthy(), () => expect(1).toBeFalsy(),
  () => expect(undefined).toBeDefined(), () => expect(1).toBeUndefined(), () => expect(1).toBeNull(),
  () => expect([1]).toContain(2), () => expect('a').toMatch(/b/), () => expect([1]).toHaveLength(2),
  () => expect(1).toBeGreaterThan(2), () => expect(() => undefined).toThrow(), () => expect(1).not.toBe(1),
  () => expect(Promise.resolve(1)).resolves.toBe(2), () => expect(Promise.resolve(1)).rejects.toThrow(),`;

const CHAI_CHECKS = `
  () => chai.assert.equal(1, 2), () => chai.assert.deepEqual([1], [2]), () => chai.expect(1).to.equal(2),
  () => chai.expect({ a: 1 }).to.deep.equal({ a: 2 }), () => chai.expect(() => undefined).to.throw(),`;

/** Fails with `id`, unless one of the checks does not fail: then the assertions are no evidence, and the test passes. */
const body = (id: string, checks: string) => `
  for (const check of [${checks}]) {
    try { await check(); } catch { continue; }
    return;
  }
  throw new Error('${id}');
});
`;

const ASSERT = `const { default: assert } = await import('node:assert');`;
const CHAI = `const chai = await import('chai').catch(() => null);`;

export function failingNodeTest(file: TestFile, id: string): string {
  const head = isModule(file) ? `import { test as ${id} } from 'node:test';\n${id}` : `;require('node:test').test`;
  return append(file, `${head}('${id}', async () => {\n${ASSERT}${body(id, NODE_CHECKS)}`);
}

export function failingVitestTest(file: TestFile, id: string): string {
  return append(
    file,
    `import { test as ${id}, expect as ${id}e, assert as ${id}a } from 'vitest';
${id}('${id}', async () => {
  const expect = ${id}e, chai = { assert: ${id}a, expect: ${id}e };
  const { default: assert } = await import('node:assert').catch(() => ({ default: null }));${body(
    id,
    `${EXPECT_CHECKS}${CHAI_CHECKS} ...(assert ? [${NODE_CHECKS}] : [])`,
  )}`,
  );
}

export function failingJestTest(file: TestFile, id: string): string {
  return append(
    file,
    `;(globalThis.test ?? require('@jest/globals').test)('${id}', async () => {
  const expect = globalThis.expect ?? require('@jest/globals').expect;
  const assert = typeof require === 'function' ? require('assert') : null;${body(id, `${EXPECT_CHECKS} ...(assert ? [${NODE_CHECKS}] : [])`)}`,
  );
}

export function failingMochaTest(file: TestFile, id: string): string {
  return append(
    file,
    `;(typeof it === 'function' ? it : test)('${id}', async function () {
  ${ASSERT}
  ${CHAI}${body(id, `${NODE_CHECKS} ...(chai ? [${CHAI_CHECKS}] : [])`)}`,
  );
}

/** TypeScript does not check the types of a file that has been changed for the gate. */
function append({ path, source }: TestFile, code: string): string {
  const isTyped = /\.[cm]?tsx?$/i.test(path);
  return `${isTyped ? '// @ts-nocheck\n' : ''}${source}\n${code}`;
}

function isModule({ path, source }: TestFile): boolean {
  if (/\.m[jt]s$/i.test(path)) return true;
  return !/\.c[jt]s$/i.test(path) && /^\s*(import\s*[\w*{'"]|export\s+[\w*{])/m.test(source);
}
