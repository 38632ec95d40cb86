import { anExternalComment, anIssue } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { IntakeFixture } from './intake.fixture';

let intake: IntakeFixture;

beforeEach(async () => {
  intake = await IntakeFixture.create();
});

describe('Reconciler', () => {
  it('processes a comment that was stored but not processed', async () => {
    const task = await intake.labelled();
    await intake.rows.TaskRepository.transition(task.id, 'new', 'failed', null);
    const external = { forgeId: '1', forgeName: 'octo/shop', url: intake.repository.url, defaultBranch: 'main' };
    intake.forge.externalRepositories = [{ ...external, archived: false, private: false, description: null }];
    const old = new Date(intake.now.getTime() - 60_000);
    const retry = anExternalComment({ body: '@teko retry', createdAt: old, updatedAt: old });
    intake.forge.externalComments = [retry];
    const findByTrigger = intake.rows.RunRepository.findByTrigger.bind(intake.rows.RunRepository);
    intake.rows.RunRepository.findByTrigger = () => Promise.reject(new Error('this process died'));
    await expect(intake.receiveComment(retry)).rejects.toThrow('died');
    intake.rows.RunRepository.findByTrigger = findByTrigger;
    await intake.reconciler.reconcileDue(60_000);
    intake.advance(61_000);
    await intake.reconciler.reconcileDue(60_000);
    expect(await intake.runsOf(task)).toHaveLength(1);
  });

  it('finds and counts missed events, and processes each once', async () => {
    const external = { forgeId: '1', forgeName: 'octo/store', url: intake.repository.url, defaultBranch: 'main' };
    intake.forge.formerNames = { 'octo/shop': '1' };
    intake.forge.externalRepositories = [{ ...external, archived: false, private: false, description: null }];
    const old = new Date(intake.now.getTime() - 60_000);
    intake.forge.issues = [
      anIssue({ labels: ['teko'], updatedAt: old }),
      anIssue({ number: 8, labels: ['teko'], updatedAt: intake.now }),
      anIssue({ number: 9, updatedAt: old }),
    ];
    intake.forge.externalComments = [anExternalComment({ body: 'Hello', createdAt: old, updatedAt: old })];
    await intake.reconciler.reconcileDue(60_000);
    expect((await intake.tasks()).map(({ issueNumber }) => issueNumber)).toEqual([7]);
    expect(await intake.comments()).toHaveLength(1);
    const reconciled = (await intake.rows.RepositoryRepository.findById(intake.repository.id))!;
    expect(reconciled).toMatchObject({ forgeName: 'octo/store', name: 'octo/store', missedEvents: 1 });

    await intake.reconciler.reconcileDue(60_000);
    expect((await intake.tasks()).length).toBe(1);
    intake.advance(61_000);
    intake.forge.externalComments = [];
    await intake.reconciler.reconcileDue(60_000);
    expect((await intake.tasks()).map(({ issueNumber }) => issueNumber)).toEqual([7, 8]);
    expect((await intake.comments())[0]!.deletedAt).not.toBeNull();
    expect((await intake.rows.RepositoryRepository.findById(intake.repository.id))!.missedEvents).toBe(3);
  });
});
