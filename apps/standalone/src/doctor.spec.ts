import type { Diagnosis } from '@teko/domain';
import { expect, it } from 'vitest';
import { doctor } from './doctor';

async function say(kind: 'token' | null, diagnoses: Diagnosis[]) {
  const lines: string[] = [];
  const code = await doctor({ kind, diagnose: async () => diagnoses }, (line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

const right = { name: 'clock', ok: true, detail: 'It is right.', remedy: null };
const wrong = { name: 'permissions', ok: false, detail: 'It may not write issues.', remedy: 'Allow it to.' };

it('prints each diagnosis with its remedy, and fails when one is not right', async () => {
  expect(await say('token', [right])).toEqual({ code: 0, text: 'ok    clock: It is right.' });
  const { code, text } = await say('token', [right, wrong]);
  expect([code, text]).toEqual([1, expect.stringMatching(/ok +clock.*\nWRONG permissions: .*\n +Allow it to\./)]);
});

it('says what to set where nothing is', async () => {
  expect(await say(null, [])).toEqual({ code: 1, text: expect.stringMatching(/GITHUB_APP_ID[\s\S]*GITHUB_TOKEN/) });
});
