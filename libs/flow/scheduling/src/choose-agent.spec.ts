import type { CodebaseProfile, Task } from '@teko/domain';
import { describe, expect, it } from 'vitest';
import { chooseAgent } from './choose-agent';

const task = (patch: Partial<Task>): Task =>
  ({ kind: 'implement', title: 'Fix it', description: '', ...patch }) as Task;
const profile = (shares: Record<string, number>): CodebaseProfile =>
  ({
    languages: Object.entries(shares).map(([name, share]) => ({ name, share, bytes: share * 10, files: 1 })),
  }) as CodebaseProfile;

describe('chooseAgent', () => {
  it('chooses the language with most code and explains why', () => {
    const choice = chooseAgent(task({}), profile({ PHP: 60.5, JavaScript: 25, TypeScript: 14.5 }));
    expect(choice).toMatchObject({ agentType: 'implementation', language: 'php' });
    expect(choice?.reason).toContain('60.5 %');
  });

  it('adds up the languages that one agent supports', () => {
    expect(chooseAgent(task({}), profile({ PHP: 45, JavaScript: 30, TypeScript: 25 }))?.language).toBe('typescript');
  });

  it('prefers the language that the ticket mentions', () => {
    const choice = chooseAgent(task({ description: 'The Python client is wrong' }), profile({ PHP: 90, Python: 10 }));
    expect(choice).toMatchObject({ language: 'python' });
    expect(choice?.reason).toContain('the ticket mentions it');
  });

  it('returns no language if none is supported, and null for a kind without an agent', () => {
    expect(chooseAgent(task({}), profile({ COBOL: 100 }))).toMatchObject({
      agentType: 'implementation',
      language: null,
    });
    expect(chooseAgent(task({ kind: 'story' }), null)).toBeNull();
  });
});
