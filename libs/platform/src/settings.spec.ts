import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { redactor } from './redact';
import { readSettings, secretsOf, settingsReport, SettingsError } from './settings';
import { TEKO_SETTINGS } from './teko-settings';

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs1',
  format: 'pem',
}) as string;

describe('settings', () => {
  it('uses defaults for an empty environment and for empty values', () => {
    const settings = readSettings(TEKO_SETTINGS, { PORT: '', TEKO_MODEL: ' ' });
    expect(settings).toMatchObject({ PORT: 3000, TEKO_HOME: '.teko', TEKO_DEMO: 'on', TEKO_MODEL: undefined });
  });

  it('reports all errors at once', () => {
    const read = () => readSettings(TEKO_SETTINGS, { PORT: 'x', TEKO_MODEL: 'gpt', DATABASE_URL: 'postgres://a/b' });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(/PORT: .*\nDATABASE_URL: .*\nTEKO_MODEL: /);
  });

  it('refuses a setting without the one that it requires', () => {
    const read = (env: Record<string, string>) => () => readSettings(TEKO_SETTINGS, env);
    expect(read({ GITHUB_APP_ID: '1' })).toThrow(/^GITHUB_APP_ID: .*GITHUB_APP_PRIVATE_KEY/);
    expect(read({ GITHUB_APP_PRIVATE_KEY: KEY })).toThrow(/^GITHUB_APP_PRIVATE_KEY: .*GITHUB_APP_ID/);
    // An invalid key is not reported as missing.
    expect(read({ GITHUB_APP_ID: '1', GITHUB_APP_PRIVATE_KEY: 'x' })).toThrow(/^GITHUB_APP_PRIVATE_KEY: is not/);
  });

  it.each([
    ['as it is in the file', KEY],
    ['on one line', KEY.replaceAll('\n', '\\n')],
    ['in base64', Buffer.from(KEY).toString('base64')],
  ])('accepts a private key %s, and redacts every form of it', (_form, given) => {
    const settings = readSettings(TEKO_SETTINGS, { GITHUB_APP_ID: '1', GITHUB_APP_PRIVATE_KEY: given });
    expect(settings.GITHUB_APP_PRIVATE_KEY).toBe(KEY.trim());
    const redact = redactor(secretsOf(TEKO_SETTINGS, settings));
    const middle = given.slice(100, 140);
    expect(redact(`key ${given.trim()}`)).not.toContain(middle);
  });

  it('finds the password of a URL as it is written and as it is meant', () => {
    const secrets = (url: string) => secretsOf(TEKO_SETTINGS, { REDIS_URL: url } as never);
    expect(secrets('redis://:pa%24ss@host')).toEqual(['redis://:pa%24ss@host', 'pa%24ss', 'pa$ss']);
    expect(secrets('redis://:100%@host')).toContain('100%');
    expect(secrets('redis://host')).toEqual(['redis://host']);
  });

  it('reads a secret from the file named by NAME_FILE, and reports that it is set without its value', () => {
    const folder = mkdtempSync(join(tmpdir(), 'teko-settings-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'key');
    writeFileSync(file, 'sk-secret\n');
    const env = { OPENAI_API_KEY_FILE: file };
    expect(readSettings(TEKO_SETTINGS, env).OPENAI_API_KEY).toBe('sk-secret');
    const report = settingsReport(TEKO_SETTINGS, env);
    expect(report.find((row) => row.key === 'OPENAI_API_KEY')?.set).toBe(true);
    expect(JSON.stringify(report)).not.toContain('sk-secret');
  });
});
