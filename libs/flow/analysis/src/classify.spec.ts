import { describe, expect, it } from 'vitest';
import { classifyFile, CODE_RULES } from './classify';

/** Assembled at runtime, so that this file contains no secret. */
const KEY = [`-----BEGIN PRIVATE`, ` KEY-----\n${'MIIEvQIBADAN'.repeat(5)}\n-----END PRIVATE KEY-----`].join('');
const token = (...parts: string[]) => `const token = '${parts.join('')}';`;
const RANDOM = 'a8Fk2Lq9Xz0Rt5Wm3Bv7Yc1Nd4Hs6Jp8Ge2Uo';

const classify = (path: string, text: string) => classifyFile(path, Buffer.from(text));

describe('classifyFile', () => {
  it.each([
    ['src/a.py', 'print(1)', 'Python'],
    ['bin/tool', '#!/usr/bin/env php\n<?php', 'PHP'],
    ['README.md', '# Read', 'Markdown'],
    ['docs/guide.md', `# Guide\n${'A paragraph in one line. '.repeat(200)}`, 'Markdown'],
    ['docs/conf.py', 'project = 1', 'Python'],
    ['LICENSE', 'The MIT License', 'Text'],
    ['notes', 'a text', null],
    ['src/cache/store.go', 'package cache', 'Go'],
    ['core/env/Environment.java', 'class Environment {}', 'Java'],
    ['types/index.d.ts', 'export {};', 'TypeScript'],
    ['.github/workflows/ci.yml', 'on: push', 'YAML'],
    ['Jenkinsfile', 'pipeline {}', 'Groovy'],
    ['src/block.ts', 'export {};', 'TypeScript'],
    ['db/dump.sql', 'SELECT 1;', 'SQL'],
    ['src/logo.py', `LOGO = '${'iVBORw0KGgo'.repeat(300)}'\n${'print(1)\n'.repeat(100)}`, 'Python'],
  ])('indexes %s', (path, text, language) => {
    expect(classify(path, text)).toEqual({ language, skipped: null });
  });

  it.each([
    ['node_modules/x/index.js', 'x', 'vendored'],
    ['node_modules/x/index.d.ts', 'x', 'vendored'],
    ['spec/fixtures/a.rb', 'x', 'vendored'],
    ['env/lib/python3.11/site.py', 'x', 'vendored'],
    ['package-lock.json', '{}', 'generated'],
    ['mix.lock', '%{}', 'generated'],
    ['packages.lock.json', '{}', 'generated'],
    ['bun.lockb', 'x', 'generated'],
    ['src/__snapshots__/a.spec.ts.snap', 'x', 'generated'],
    ['db/all.sql', '-- MySQL dump 10.13  Distrib 8.0\n--\nINSERT INTO a', 'generated'],
    ['db/all.sql', '--\n-- PostgreSQL database dump\n--\n', 'generated'],
    ['app.js', `${'let a=1;'.repeat(30)}\n`.repeat(20), 'generated'],
    ['app.js', `${'let a = 1;\n'.repeat(2_000)}//# sourceMappingURL=app.js.map`, 'generated'],
    ['app.css', `/* The licence */\n${'a{b:c}'.repeat(5_000)}`, 'minified'],
    ['bundle.ts', `${'// a licence\n'.repeat(1_500)}${'let a=1;'.repeat(100_000)}`, 'minified'],
    ['a.png', 'a\0b', 'binary'],
    ['a.py', `${'a = 1\n'.repeat(5_000)}\0`, 'binary'],
    ['data.json', `[${'1,\n'.repeat(40_000)}1]`, 'large'],
  ])('skips %s (%#)', (path, text, skipped) => {
    expect(classify(path, text)).toEqual({ language: null, skipped });
  });
});

describe('secrets', () => {
  it.each([
    '.env',
    'deploy/.env.production',
    'docker/web.env',
    '.envrc',
    'config/id_rsa',
    'keys/id_ed25519',
    'certs/server.key',
    'certs/server.PEM',
    'android/release.keystore',
    'AuthKey_1.p8',
    '.netrc',
    '_netrc',
    '.aws/credentials',
    'config/credentials.yml.enc',
    'config/secrets.yml',
    '.docker/config.json',
    '.kube/config',
    'staging.kubeconfig',
    'gcp/service-account.json',
    'my-service_account-key.json',
    'client_secret_1.apps.json',
    'infra/terraform.tfstate',
    'infra/prod.tfvars',
    '.git-credentials',
    '.htpasswd',
    'node_modules/x/.env',
  ])('are skipped by name: %s', (path) => {
    expect(classify(path, 'a = b').skipped).toBe('secret');
  });

  it.each([
    ['a key', `const key = \`${KEY}\`;`],
    ['a key with escaped lines', `{"private_key": ${JSON.stringify(KEY)}}`],
    ['a key in concatenated lines', `"${KEY.replaceAll('\n', '\\n" +\n  "')}"`],
    ['a key after many lines', `${'// code\n'.repeat(20_000)}${KEY}`],
    ['a GitHub token', token('ghp', '_', RANDOM)],
    ['a fine-grained GitHub token', token('github', '_pat_', RANDOM)],
    ['a GitLab token', token('glpat', '-', RANDOM)],
    ['a Slack token', token('xoxb', '-1234567890-', RANDOM)],
    ['an AWS key', token('AKIA', 'Q3EGRT5WBV7YC1ND')],
    ['a Google key', token('AIza', RANDOM.slice(0, 35))],
    ['an OpenAI key', token('sk', '-proj-', RANDOM)],
    ['an older OpenAI key', token('sk', '-', RANDOM)],
    ['an Anthropic key', token('sk', '-ant-api03-', RANDOM)],
    ['a Stripe key', token('sk', '_live_', RANDOM)],
    ['an npm token', token('npm', '_', RANDOM.slice(0, 36))],
    ['a Teko token', token('teko', '_', RANDOM)],
    ['a Kubernetes client key', `users:\n- user:\n    client-key-data: ${'LS0tLS1CRUdJTiB'.repeat(4)}`],
  ])('are skipped by content: %s', (_, text) => {
    expect(classify('src/a.ts', text).skipped).toBe('secret');
  });

  it.each([
    ['.npmrc', `//registry.example.org/:_authToken=${RANDOM}`],
    ['.pypirc', '[pypi]\npassword = hunter22'],
    ['pip.conf', 'index-url = https://me:hunter22@pypi.example.org/simple'],
    ['auth.json', '{"http-basic": {"example.org": {"username": "me", "password": "hunter22"}}}'],
  ])('are skipped in the settings of a package manager: %s', (path, text) => {
    expect(classify(path, text).skipped).toBe('secret');
  });

  it.each([
    ['.env.example', 'A='],
    ['.env.production.sample', 'A='],
    ['example.env', 'A='],
    ['.npmrc', 'save-exact=true\n//registry.example.org/:_authToken=${NPM_TOKEN}'],
    ['src/credentials.ts', 'export class Credentials {}'],
    ['src/secrets.py', 'import random'],
    ['src/keys.ts', "if (text.includes('-----BEGIN PRIVATE KEY-----')) readKey(text);"],
    ['docs/aws.md', 'Set `AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE`.'],
    ['docs/slack.md', 'SLACK_BOT_TOKEN=xoxb-your-token-here'],
    ['src/spin.css', '.sk-fading-circle-container {} .task-a8Fk2Lq9Xz0Rt5Wm3Bv7 {}'],
    ['src/names.ts', "const teko_repository_of_all_tasks = 'ghp_';"],
  ])('do not include %s without a secret (%#)', (path, text) => {
    expect(classify(path, text).skipped).toBeNull();
  });
});

describe('.gitattributes', () => {
  const attributes = [
    'api/*.go linguist-generated',
    'vendor/ours/** -linguist-vendored',
    'site/** linguist-vendored=true',
    '*.inc linguist-language=PHP',
    'composer.lock linguist-generated=false',
    '.env -linguist-generated linguist-language=Shell',
    'docs/** linguist-documentation',
    'odd.py linguist-language=Nonsense',
  ];
  const classifier = CODE_RULES.classifier([{ path: '.gitattributes', text: attributes.join('\n') }]);

  it.each([
    ['api/client.go', 'package api', { language: null, skipped: 'generated' }],
    ['api/own/client.go', 'package own', { language: 'Go', skipped: null }],
    ['vendor/ours/a.py', 'pass', { language: 'Python', skipped: null }],
    ['vendor/theirs/a.py', 'pass', { language: null, skipped: 'vendored' }],
    ['site/a.py', 'pass', { language: null, skipped: 'vendored' }],
    ['lib/a.inc', '<?php', { language: 'PHP', skipped: null }],
    ['composer.lock', '{}', { language: 'JSON', skipped: null }],
    ['.env', 'A=b', { language: null, skipped: 'secret' }],
    ['docs/a.md', '# A', { language: 'Markdown', skipped: null }],
    ['odd.py', 'pass', { language: 'Python', skipped: null }],
  ])('classifies %s', (path, text, expected) => {
    expect(classifier.classify(path, Buffer.from(text))).toEqual(expected);
  });

  it('is part of the cache key of a file if it affects the classification', () => {
    expect(classifier.attributesOf('api/own/client.go')).toBe('');
    expect(classifier.attributesOf('docs/a.md')).toBe('');
    expect(classifier.attributesOf('api/client.go')).not.toBe('');
    expect(classifier.attributesOf('lib/a.inc')).not.toBe(classifier.attributesOf('vendor/ours/a.py'));
    const spaced = CODE_RULES.classifier([{ path: '.gitattributes', text: '*.nb linguist-language=Jupyter-Notebook' }]);
    expect(spaced.attributesOf('a.nb')).toBe('language=Jupyter_Notebook');
  });
});
