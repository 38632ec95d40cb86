import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, settingsReport, SettingsError } from './settings';
import { TEKO_SETTINGS } from './teko-settings';

describe('settings', () => {
  it('has defaults for an empty environment, and takes empty text as not set', () => {
    const settings = readSettings(TEKO_SETTINGS, { PORT: '', TEKO_MODEL: ' ' });
    expect(settings).toMatchObject({ PORT: 3000, TEKO_HOME: '.teko', TEKO_DEMO: 'on', TEKO_MODEL: undefined });
  });

  it('names every fault at once', () => {
    const read = () => readSettings(TEKO_SETTINGS, { PORT: 'x', TEKO_MODEL: 'gpt', DATABASE_URL: 'postgres://a/b' });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(/PORT: .*\nDATABASE_URL: .*\nTEKO_MODEL: /);
  });

  it('reads a secret from the file that NAME_FILE names, and reports it without its value', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'teko-')), 'key');
    writeFileSync(file, 'sk-secret\n');
    const env = { OPENAI_API_KEY_FILE: file };
    expect(readSettings(TEKO_SETTINGS, env).OPENAI_API_KEY).toBe('sk-secret');
    const report = settingsReport(TEKO_SETTINGS, env);
    expect(report.find((row) => row.key === 'OPENAI_API_KEY')?.set).toBe(true);
    expect(JSON.stringify(report)).not.toContain('sk-secret');
  });
});
