import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TekoLogger } from './logger';
import { redactor } from './redact';

const SECRET = 'hunter2-hunter2';
let written = '';
beforeEach(() => {
  written = '';
  const capture = (text: unknown) => Boolean((written += String(text)));
  vi.spyOn(process.stdout, 'write').mockImplementation(capture);
  vi.spyOn(process.stderr, 'write').mockImplementation(capture);
});
afterEach(() => vi.restoreAllMocks());

describe('TekoLogger', () => {
  it('redacts secrets in messages, objects and stacks', () => {
    const logger = new TekoLogger('info', redactor([SECRET]));
    logger.warn(`password ${SECRET}`);
    logger.error(new Error('connect redis://u:pw@host failed'));
    logger.error({ nested: { key: SECRET } });
    logger.error('failed', `Error: ${SECRET}\n    at somewhere (file.ts:1:2)`, 'Context');
    expect(written).toContain('[redacted]');
    expect(written).toContain('at somewhere');
    expect(written).not.toContain(SECRET);
    expect(written).not.toContain('u:pw');
  });

  it('logs no control characters of others', () => {
    new TekoLogger('info', (text) => text).warn('a\u001b[2J\rb\u202ec');
    expect(written).toContain('a[2Jbc');
  });

  it('logs framework start-up messages only at debug', () => {
    new TekoLogger('info', (text) => text).log('Mapped {/x, GET} route', 'RouterExplorer');
    expect(written).toBe('');
    new TekoLogger('info', (text) => text).log('ready', 'WorkerJobs');
    new TekoLogger('debug', (text) => text).log('Mapped {/x, GET} route', 'RouterExplorer');
    expect(written).toMatch(/ready[\s\S]*Mapped/);
  });

  it('logs nothing below its level', () => {
    const logger = new TekoLogger('silent', (text) => text);
    logger.fatal('one');
    new TekoLogger('error', (text) => text).warn('two');
    expect(written).toBe('');
  });
});
