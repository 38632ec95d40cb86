import { ConflictError, DomainError, RejectedChangeError, UnavailableError, type GitMirrors } from '@teko/domain';
import { aRepository, aRun, aTask, InMemoryForge } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Branches, type Work } from './branches.service';

const [base, head, people] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
const NEW = ['teko/1-fix-it', 'teko/1-fix-it-5', 'teko-1-fix-it', 'teko-1-fix-it-5'] as const;

let forge: InMemoryForge;
let branches: Branches;
/** The first parent of each commit. */
let parents: Record<string, string>;
/** Returns the error of a push, or null. */
let refuse: (branch: string) => Error | null;

beforeEach(() => {
  forge = new InMemoryForge();
  parents = { [head]: base };
  refuse = () => null;
  const push = forge.pushBranch.bind(forge);
  forge.pushBranch = async (repository, branch, commit) => {
    const error = refuse(branch);
    if (error) throw error;
    await push(repository, branch, commit);
  };
  const isAncestor = async (_id: string, ancestor: string, commit: string) => {
    let at: string | undefined = commit;
    while (at && at !== ancestor) at = parents[at];
    return at === ancestor;
  };
  branches = new Branches(forge, { isAncestor } as unknown as GitMirrors);
});

const work = (branch: string | null): Work => ({
  run: aRun({ number: 5 }),
  task: aTask({ number: 1, title: 'Fix it' }),
  repository: aRepository(),
  headCommit: head,
  continued: branch === null ? null : ({ branch, headCommit: base } as Work['continued']),
});
const pushed = () => forge.actions.filter((action) => action.startsWith('push '));
const forbidden = (reason: string) => new DomainError('forbidden', `the forge refused to update branch x: ${reason}`);

describe('a new branch', () => {
  it.each<[string, Record<string, string>, string]>([
    ['is named after the task', {}, NEW[0]],
    ['is not taken from another run', { [NEW[0]]: people }, NEW[1]],
    ['was pushed before a crash', { [NEW[1]]: head, [NEW[0]]: people }, NEW[1]],
    ['was pushed beside a blocked prefix before a crash', { teko: people, [NEW[2]]: head }, NEW[2]],
  ])('%s', async (_what, existing, expected) => {
    forge.branches = { ...existing };
    expect(await branches.push(work(null))).toBe(expected);
    expect(forge.branches).toEqual({ ...existing, [expected]: head });
  });

  it.each([
    ['the lock of the ref', new ConflictError('branch teko/1-fix-it is no longer at no commit')],
    ['a conflict of names', forbidden('directory file conflict')],
  ])('has another prefix if a branch blocks the usual one: %s', async (_what, error) => {
    forge.branches = { teko: people };
    refuse = (branch) => (branch.startsWith('teko/') ? error : null);
    expect(await branches.push(work(null))).toBe(NEW[2]);
    expect(forge.branches).toEqual({ teko: people, [NEW[2]]: head });
  });

  it('is not possible if everything is blocked', async () => {
    refuse = () => new ConflictError('cannot lock ref');
    await expect(branches.push(work(null))).rejects.toThrow(UnavailableError);
    await expect(branches.push(work(null))).rejects.toThrow(/Rename or delete the branch/);
  });

  it('whose content the forge refuses is a rejected change', async () => {
    refuse = () => forbidden('protected file');
    await expect(branches.push(work(null))).rejects.toThrow(RejectedChangeError);
    expect(forge.branches).toEqual({});
  });
});

describe('the branch of continued work', () => {
  it('is moved forward', async () => {
    forge.branches = { 'teko/x': base };
    expect(await branches.push(work('teko/x'))).toBe('teko/x');
    expect(forge.branches).toEqual({ 'teko/x': head });
  });

  it.each([
    ['has the commit already', head],
    ['has newer commits on top of it', people],
  ])('is not pushed again if it %s', async (_what, current) => {
    parents[people] = head;
    forge.branches = { 'teko/x': current };
    expect(await branches.push(work('teko/x'))).toBe('teko/x');
    expect(pushed()).toEqual([]);
  });

  it('is never overwritten', async () => {
    parents[people] = base;
    forge.branches = { 'teko/x': people };
    await expect(branches.push(work('teko/x'))).rejects.toThrow(ConflictError);
    expect(forge.branches).toEqual({ 'teko/x': people });
  });

  it('is replaced by a new one if it was deleted', async () => {
    expect(await branches.push(work('teko/x'))).toBe(NEW[0]);
  });
});
