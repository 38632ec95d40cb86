import { Inject, Injectable } from '@nestjs/common';
import { INSIGHT_LIMITS } from '@teko/contracts';
import {
  Clock,
  ConflictError,
  GitMirrors,
  Ids,
  InsightRepository,
  InvalidError,
  NotFoundError,
  type Insight,
} from '@teko/domain';
import { Events } from './events';
import { fingerprintOf, oneLine, requireValidInsight } from './insight-rules';
import { redactor } from './redact';
import { secretsOf } from './settings';
import { TEKO_SETTINGS, TekoSettings } from './teko-settings';

/** An insight to store. */
export type InsightDraft = Pick<
  Insight,
  'repositoryId' | 'kind' | 'text' | 'path' | 'blob' | 'source' | 'sourceId' | 'author'
>;

/** A change that a user makes to an insight. */
export interface InsightPatch extends Partial<Pick<Insight, 'kind' | 'text' | 'path' | 'pinned'>> {
  by: { id: string; name: string };
  /** The commit at which the file must exist, or null if the repository has not been analysed yet. */
  commit: string | null;
}

/** Stores insights about repositories: short, without secrets or duplicates, and returned only while they are valid. */
@Injectable()
export class Insights {
  private readonly redact: (text: string) => string;

  constructor(
    @Inject(InsightRepository) private readonly insights: InsightRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(Events) private readonly events: Events,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(TekoSettings) settings: TekoSettings,
  ) {
    this.redact = redactor(secretsOf(TEKO_SETTINGS, settings));
  }

  /**
   * Stores an insight, or refreshes it if it is already stored. Deletes the oldest ones above the limit. Throws InvalidError, and
   * ConflictError if the limit is reached and all stored insights are pinned.
   */
  async remember(draft: InsightDraft): Promise<Insight> {
    const now = this.clock.now();
    const content = { ...draft, text: this.sanitize(draft.text) };
    requireValidInsight(content);
    const insight: Insight = {
      ...content,
      id: this.ids.next(),
      fingerprint: fingerprintOf(content),
      pinned: false,
      staleAt: null,
      createdAt: now,
      updatedAt: now,
    };
    const stored = await this.store(insight);
    await this.insights.trim(stored.repositoryId, INSIGHT_LIMITS.perRepository);
    if (!(await this.insights.findById(stored.id))) {
      const message = `all ${INSIGHT_LIMITS.perRepository} insights of the repository are pinned; unpin or delete some`;
      throw new ConflictError(message, { repositoryId: stored.repositoryId });
    }
    await this.publish(stored);
    return stored;
  }

  /**
   * Applies a user's change. Whoever changes the text or the path becomes the author. Throws InvalidError, and ConflictError if
   * another insight has the same text or somebody else changed this one meanwhile.
   */
  async update(id: string, { by, commit, ...patch }: InsightPatch): Promise<Insight> {
    const before = await this.require(id);
    const text = patch.text === undefined ? before.text : this.sanitize(patch.text);
    const path = patch.path === undefined ? before.path : patch.path || null;
    requireValidInsight({ text, path });
    const isRewritten = text !== before.text || path !== before.path;
    const rewritten = isRewritten && {
      ...{ source: 'user' as const, sourceId: by.id, author: by.name, staleAt: null, text, path },
      blob: await this.blobOf(before.repositoryId, commit, path),
    };
    const now = await this.require(id);
    if (rewritten && (now.text !== before.text || now.path !== before.path))
      throw new ConflictError('somebody else changed this insight meanwhile; reload it', { insightId: id });
    const after = { ...now, ...rewritten };
    const insight = await this.insights.update(id, {
      ...rewritten,
      ...(patch.pinned && { staleAt: null }),
      ...{ kind: patch.kind, pinned: patch.pinned },
      // The next review must not overwrite what users write or pin.
      ...((rewritten || patch.pinned) && { fingerprint: fingerprintOf({ ...after, source: 'user' }) }),
      updatedAt: this.clock.now(),
    });
    await this.publish(insight);
    return insight;
  }

  /** Replaces the text after part of it became invalid. Does nothing if the insight was deleted. */
  async updateText(id: string, text: string): Promise<void> {
    try {
      await this.publish(await this.insights.update(id, { text: this.sanitize(text), updatedAt: this.clock.now() }));
    } catch (error) {
      ignoreNotFound(error);
    }
  }

  /** Deletes an insight. Throws NotFoundError. */
  async delete(id: string): Promise<void> {
    const insight = await this.insights.findById(id);
    await this.insights.delete(id);
    if (insight) await this.publish(insight);
  }

  /** Deletes the insights from one source, or from all sources of that kind if `sourceId` is null. Returns their number. */
  async purge(repositoryId: string, source: Insight['source'], sourceId: string | null): Promise<number> {
    const purged = await this.insights.deleteBySource(repositoryId, source, sourceId);
    if (purged > 0) await this.publish({ id: repositoryId, repositoryId });
    return purged;
  }

  /**
   * Returns the insights that are valid at a commit: pinned ones, those about the whole repository, and those whose file is
   * unchanged since they were stored. `markStale` also stores which of the others are stale and which are no longer.
   */
  async findValid(repositoryId: string, commit: string, { markStale }: { markStale: boolean }): Promise<Insight[]> {
    const all = await this.insights.findByRepository(repositoryId, INSIGHT_LIMITS.perRepository);
    const canGoStale = ({ pinned, path }: Insight) => !pinned && path !== null;
    const tree = all.some(canGoStale) ? await this.mirrors.tree(repositoryId, commit) : [];
    const blobs = new Map(tree.map(({ path, blob }) => [path, blob]));
    const isValid = (insight: Insight) => !canGoStale(insight) || blobs.get(insight.path!) === insight.blob;
    if (markStale) for (const insight of all.filter(canGoStale)) await this.setStale(insight, !isValid(insight));
    return all.filter(isValid);
  }

  /** Returns the blob id of a file at a commit, or null if `path` is null. Throws InvalidError if the file does not exist. */
  async blobOf(repositoryId: string, commit: string | null, path: string | null): Promise<string | null> {
    if (path === null) return null;
    if (commit === null) throw new InvalidError({ path: 'cannot be set before the repository has been analysed' });
    const entry = (await this.mirrors.tree(repositoryId, commit)).find((one) => one.path === path);
    if (!entry) throw new InvalidError({ path: `does not exist in commit ${commit.slice(0, 12)}` });
    return entry.blob;
  }

  private async require(id: string): Promise<Insight> {
    const insight = await this.insights.findById(id);
    if (!insight) throw new NotFoundError('insight', id);
    return insight;
  }

  private async store(insight: Insight): Promise<Insight> {
    const { repositoryId, fingerprint, blob, updatedAt, text, source, sourceId, author, kind } = insight;
    try {
      await this.insights.insert(insight);
      return insight;
    } catch (error) {
      const same = error instanceof ConflictError && (await this.insights.findByFingerprint(repositoryId, fingerprint));
      if (!same) throw error;
      // The last review of a file and what users write replace the stored insight. Otherwise its first author stays.
      const replaces = source === 'review' || source === 'user';
      const replacement = replaces ? { text, source, sourceId, author, kind } : {};
      return this.insights.update(same.id, { ...replacement, blob, staleAt: null, updatedAt });
    }
  }

  private async setStale(insight: Insight, isStale: boolean): Promise<void> {
    if (isStale === (insight.staleAt !== null)) return;
    try {
      await this.insights.update(insight.id, { staleAt: isStale ? this.clock.now() : null });
      await this.publish(insight);
    } catch (error) {
      ignoreNotFound(error);
    }
  }

  /** Hidden characters can split a secret, so secrets are redacted before and after they are removed. */
  private sanitize(text: string): string {
    return this.redact(oneLine(this.redact(text)));
  }

  private publish({ id, repositoryId }: Pick<Insight, 'id' | 'repositoryId'>): Promise<void> {
    return this.events.record({ type: 'insight', subjectId: id, repositoryId, taskId: null, runId: null });
  }
}

/** The insight can be deleted concurrently. */
function ignoreNotFound(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}
