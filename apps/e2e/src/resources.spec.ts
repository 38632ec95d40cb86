import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually, PermanentError } from './eventually';
import { onEnd, Resources, temporaryFolder, untilFileEnds } from './resources';

describe('resources', () => {
  it('are released once, in reverse order', async () => {
    const released: number[] = [];
    const resources = new Resources();
    for (const n of [1, 2, 3]) resources.add(() => released.push(n));
    await resources.close();
    await resources.close();
    expect(released).toEqual([3, 2, 1]);
  });

  it('are all released even if some fail, and all errors are reported', async () => {
    const released: number[] = [];
    const resources = new Resources();
    const failing = (text: string) => () => Promise.reject(new Error(text));
    resources.add(() => released.push(1));
    resources.add(failing('first'));
    resources.add(failing('second'));
    await expect(resources.close()).rejects.toMatchObject({ errors: [{ message: 'second' }, { message: 'first' }] });
    expect(released).toEqual([1]);
    resources.add(failing('alone'));
    await expect(resources.close()).rejects.toThrow('alone');
  });
});

// In this order, because the second test checks what the first one left.
describe('a resource added in a test', { shuffle: false }, () => {
  let ofTest = '';
  let ofFile = '';
  const released: string[] = [];

  it('exists while the test runs', () => {
    ofTest = temporaryFolder('resources-spec');
    ofFile = untilFileEnds(() => temporaryFolder('resources-spec'));
    onEnd(() => released.push('of the test'));
    expect([ofTest, ofFile].map(existsSync)).toEqual([true, true]);
    expect(released).toEqual([]);
  });

  it('is released after the test, unless it was added until the end of the file', () => {
    expect([ofTest, ofFile].map(existsSync)).toEqual([false, true]);
    expect(released).toEqual(['of the test']);
  });
});

describe('eventually', () => {
  it('returns the result of the check once it does not throw', async () => {
    let times = 0;
    const check = () => {
      if (++times < 3) throw new Error('not yet');
      return times;
    };
    expect(await eventually(check, { interval: 1 })).toBe(3);
  });

  it('throws the last error after the timeout, and a permanent error at once', async () => {
    const failing = (error: Error) => () => Promise.reject(error);
    await expect(eventually(failing(new Error('still not')), { timeout: 5, interval: 1 })).rejects.toThrow('still not');
    await expect(eventually(failing(new PermanentError('dead')))).rejects.toThrow('dead');
  });
});
