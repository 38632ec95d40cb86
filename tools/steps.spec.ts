import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KEPT_BUILDS, removeOldBuilds } from './steps.mjs';

const HOUR_AGO = Date.now() / 1000 - 3600;

it('a build keeps what earlier ones made, which running processes may yet import, but not for ever', () => {
  const dist = mkdtempSync(join(tmpdir(), 'dist-'));
  const files = () => readdirSync(dist).filter((name) => name.startsWith('part'));
  for (let n = 0; n < KEPT_BUILDS + 2; n++) {
    const before = readdirSync(dist);
    for (const name of before) utimesSync(join(dist, name), HOUR_AGO, HOUR_AGO);
    const start = Date.now();
    for (const name of ['main.js', `part-${n}.js`]) writeFileSync(join(dist, name), '');
    removeOldBuilds(dist, before, start);
    const kept = Array.from({ length: Math.min(n + 1, KEPT_BUILDS) }, (_, i) => `part-${n - i}.js`);
    expect(files().sort()).toEqual(kept.sort());
    expect(readdirSync(dist)).toContain('main.js');
  }
});
