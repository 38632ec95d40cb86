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

/** What somebody wants to have written down. */
export type InsightDraft = Pick<
  Insight,
  'repositoryId' | 'kind' | 'text' | 'path' | 'blob' | 'source' | 'sourceId' | 'author'
>;

/** What people change about a fact, and who they are. */
export interface InsightPatch extends Partial<Pick<Insight, 'kind' | 'text' | 'path' | 'pinned'>> {
  by: { id: string; name: string };
  /** The commit at which the file is looked at; null where there is none yet. */
  commit: string | null;
}

/** Keeps facts about repositories: short, without secrets, none twice, and given only while they hold. */
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
   * Writes a fact down; one that is there is made new again. The oldest goes where there are too many. Throws InvalidError, and
   * ConflictError where all that are kept are pinned.
   */
  async remember(draft: InsightDraft): Promise<Insight> {
    const now = this.clock.now();
    const fact = { ...draft, text: this.plain(draft.text) };
    requireValidInsight(fact);
    const insight: Insight = {
      ...fact,
      id: this.ids.next(),
      fingerprint: fingerprintOf(fact),
      pinned: false,
      staleAt: null,
      createdAt: now,
      updatedAt: now,
    };
    const stored = await this.store(insight);
    await this.insights.trim(stored.repositoryId, INSIGHT_LIMITS.perRepository);
    if (!(await this.insights.findById(stored.id))) {
      const all = `all ${INSIGHT_LIMITS.perRepository} facts that a repository keeps are pinned; unpin or delete some`;
      throw new ConflictError(all, { repositoryId: stored.repositoryId });
    }
    await this.announce(stored);
    return stored;
  }

  /**
   * Changes a fact by hand: whose text it is now, it is by now. Throws InvalidError, and ConflictError where it says what another
   * does or somebody else said it anew meanwhile.
   */
  async update(id: string, { by, commit, ...patch }: InsightPatch): Promise<Insight> {
    const before = await this.require(id);
    const text = patch.text === undefined ? before.text : this.plain(patch.text);
    const path = patch.path === undefined ? before.path : patch.path || null;
    requireValidInsight({ text, path });
    const isSaidAnew = text !== before.text || path !== before.path;
    const said = isSaidAnew && {
      ...{ source: 'user' as const, sourceId: by.id, author: by.name, staleAt: null, text, path },
      blob: await this.blobOf(before.repositoryId, commit, path),
    };
    const now = await this.require(id);
    if (said && (now.text !== before.text || now.path !== before.path))
      throw new ConflictError('somebody else has changed this fact meanwhile; look at it again', { insightId: id });
    const after = { ...now, ...said };
    const insight = await this.insights.update(id, {
      ...said,
      ...(patch.pinned && { staleAt: null }),
      ...{ kind: patch.kind, pinned: patch.pinned },
      // What people say or pin is not written over by the next review.
      ...((said || patch.pinned) && { fingerprint: fingerprintOf({ ...after, source: 'user' }) }),
      updatedAt: this.clock.now(),
    });
    await this.announce(insight);
    return insight;
  }

  /** Says what is left of a fact after part of it was taken back. Does nothing where it is gone. */
  async retell(id: string, text: string): Promise<void> {
    try {
      await this.announce(await this.insights.update(id, { text: this.plain(text), updatedAt: this.clock.now() }));
    } catch (error) {
      unlessGone(error);
    }
  }

  /** Deletes a fact. Throws NotFoundError. */
  async delete(id: string): Promise<void> {
    const insight = await this.insights.findById(id);
    await this.insights.delete(id);
    if (insight) await this.announce(insight);
  }

  /** Deletes what one source wrote, or all of its kind where `sourceId` is null; answers how many there were. */
  async purge(repositoryId: string, source: Insight['source'], sourceId: string | null): Promise<number> {
    const purged = await this.insights.purge(repositoryId, source, sourceId);
    if (purged > 0) await this.announce({ id: repositoryId, repositoryId });
    return purged;
  }

  /**
   * The facts that hold at a commit: pinned ones, those about everything, and those whose file is what it was when they were
   * written down. `mark` writes on the others that they are stale, and takes it back where the file is as it was.
   */
  async holding(repositoryId: string, commit: string, { mark }: { mark: boolean }): Promise<Insight[]> {
    const all = await this.insights.findByRepository(repositoryId, INSIGHT_LIMITS.perRepository);
    const isBound = ({ pinned, path }: Insight) => !pinned && path !== null;
    const tree = all.some(isBound) ? await this.mirrors.tree(repositoryId, commit) : [];
    const blobs = new Map(tree.map(({ path, blob }) => [path, blob]));
    const holds = (insight: Insight) => !isBound(insight) || blobs.get(insight.path!) === insight.blob;
    if (mark) for (const insight of all.filter(isBound)) await this.mark(insight, !holds(insight));
    return all.filter(holds);
  }

  /** The file's content at a commit by its id; null for no file. Throws InvalidError where there is none. */
  async blobOf(repositoryId: string, commit: string | null, path: string | null): Promise<string | null> {
    if (path === null) return null;
    if (commit === null) throw new InvalidError({ path: 'cannot be looked at before the repository was analysed' });
    const entry = (await this.mirrors.tree(repositoryId, commit)).find((one) => one.path === path);
    if (!entry) throw new InvalidError({ path: `is no file of commit ${commit.slice(0, 12)}` });
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
      const same = error instanceof ConflictError && (await this.insights.findSame(repositoryId, fingerprint));
      if (!same) throw error;
      // The last review of a file counts, and what a person says is theirs; else it stays with whoever said it first.
      const takesOver = source === 'review' || source === 'user';
      const said = takesOver ? { text, source, sourceId, author, kind } : {};
      return this.insights.update(same.id, { ...said, blob, staleAt: null, updatedAt });
    }
  }

  private async mark(insight: Insight, isStale: boolean): Promise<void> {
    if (isStale === (insight.staleAt !== null)) return;
    try {
      await this.insights.update(insight.id, { staleAt: isStale ? this.clock.now() : null });
      await this.announce(insight);
    } catch (error) {
      unlessGone(error);
    }
  }

  /** Hidden characters may part a secret, so it is looked for before and after they are gone. */
  private plain(text: string): string {
    return this.redact(oneLine(this.redact(text)));
  }

  private announce({ id, repositoryId }: Pick<Insight, 'id' | 'repositoryId'>): Promise<void> {
    return this.events.record({ type: 'insight', subjectId: id, repositoryId, taskId: null, runId: null });
  }
}

/** Somebody may have deleted it meanwhile. */
function unlessGone(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}
