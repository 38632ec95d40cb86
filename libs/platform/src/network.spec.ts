import { describe, expect, it } from 'vitest';
import { allowedSources, isExposed, publicUrl } from './network';
import { readSettings } from './settings';
import { TEKO_SETTINGS } from './teko-settings';

const settingsOf = (env: Record<string, string>) => readSettings(TEKO_SETTINGS, env);

describe('isExposed', () => {
  it.each([
    [{}, false],
    [{ HOST: '127.0.0.5' }, false],
    [{ HOST: '::1' }, false],
    [{ HOST: '[::1]' }, false],
    [{ HOST: 'localhost' }, false],
    [{ TEKO_URL: 'http://localhost:8080' }, false],
    [{ TEKO_URL: 'http://[::1]:8080' }, false],
    [{ HOST: '0.0.0.0' }, true],
    [{ HOST: '::' }, true],
    [{ HOST: '192.168.1.5' }, true],
    [{ HOST: 'teko.internal' }, true],
    [{ TEKO_URL: 'https://teko.example' }, true],
    [{ TEKO_PROXIES: '1' }, true],
  ])('of %o is %s', (env, expected) => expect(isExposed(settingsOf(env as Record<string, string>))).toBe(expected));
});

describe('publicUrl', () => {
  it.each([
    [{}, 'http://localhost:3000'],
    [{ HOST: '::1', PORT: '8080' }, 'http://[::1]:8080'],
    [{ HOST: '[::1]' }, 'http://[::1]:3000'],
    [{ HOST: 'fd00::7' }, 'http://[fd00::7]:3000'],
    [{ HOST: '::' }, 'http://localhost:3000'],
    [{ HOST: '0.0.0.0' }, 'http://localhost:3000'],
    [{ HOST: '192.168.1.5' }, 'http://192.168.1.5:3000'],
    [{ TEKO_URL: 'https://teko.example/' }, 'https://teko.example'],
    [{ TEKO_URL: 'https://Teko.example:443' }, 'https://teko.example'],
  ])('of %o is %s', (env, expected) => expect(publicUrl(settingsOf(env as Record<string, string>))).toBe(expected));
});

describe('TEKO_URL', () => {
  it.each([
    ['https://host/teko', /TEKO_URL: must not have a path.*such as https:\/\/host/],
    ['https://host/teko/', /must not have a path/],
    ['https://host/?x=1', /must not have a path/],
    ['https://host/#/x', /must not have a path/],
    ['https://user:secret@host', /must not contain a user name or password/],
    ['ftp://host', /must be an http/],
  ])('%s is refused at the start', (TEKO_URL, message) => {
    expect(() => settingsOf({ TEKO_URL })).toThrow(message);
    expect(() => settingsOf({ TEKO_URL })).not.toThrow(/secret/);
  });
});

describe('allowedSources', () => {
  it.each([
    [{}, { hosts: [], folders: null }],
    [{ HOST: '0.0.0.0' }, { hosts: [], folders: [] }],
    [{ TEKO_LOCAL_REPOSITORIES: 'none' }, { hosts: [], folders: [] }],
    [
      { HOST: '0.0.0.0', TEKO_LOCAL_REPOSITORIES: '/srv/Git, /data' },
      { hosts: [], folders: ['/srv/Git', '/data'] },
    ],
    [
      { TEKO_GIT_HOSTS: 'Git.internal, 10.0.0.5:3000,[fd00::1]:22' },
      { hosts: ['git.internal', '10.0.0.5:3000', '[fd00::1]:22'], folders: null },
    ],
    [
      { GITHUB_API_URL: 'https://ghe.internal/api/v3' },
      { hosts: ['ghe.internal:443', 'ghe.internal:22'], folders: null },
    ],
    [{ GITHUB_API_URL: 'http://127.0.0.1:4567' }, { hosts: ['127.0.0.1:4567'], folders: null }],
  ])('of %o', (env, expected) => expect(allowedSources(settingsOf(env as Record<string, string>))).toEqual(expected));

  it.each([
    ['TEKO_GIT_HOSTS', 'https://git.internal'],
    ['TEKO_GIT_HOSTS', '10.0.0.0/8'],
    ['TEKO_GIT_HOSTS', 'git.internal:x'],
    ['TEKO_LOCAL_REPOSITORIES', 'relative'],
    ['TEKO_LOCAL_REPOSITORIES', '/srv,none'],
    ['TEKO_PUBLIC_ENDPOINTS', 'all'],
    ['TEKO_PUBLIC_ENDPOINTS', 'none,docs'],
  ])('%s=%s is refused at the start', (name, value) =>
    expect(() => settingsOf({ [name]: value })).toThrow(new RegExp(`^${name}: must be`)),
  );
});
