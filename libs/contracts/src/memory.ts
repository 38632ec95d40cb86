export const CODE_INDEX_STATUSES = ['pending', 'indexing', 'ready', 'failed', 'cancelled'] as const;
export type CodeIndexStatus = (typeof CODE_INDEX_STATUSES)[number];

/** Files are read and found by words first; then they get vectors. */
export const INDEX_PHASES = ['files', 'vectors'] as const;
export type IndexPhase = (typeof INDEX_PHASES)[number];

/** What a fact of the memory is about. */
export const INSIGHT_KINDS = ['build', 'convention', 'owner', 'hot_spot', 'review', 'other'] as const;
export type InsightKind = (typeof INSIGHT_KINDS)[number];

/** Who wrote a fact down: an agent at work, an agent's review, or a person. */
export const INSIGHT_SOURCES = ['agent', 'review', 'user'] as const;
export type InsightSource = (typeof INSIGHT_SOURCES)[number];

/** Bounds of facts: characters of text and path, facts of a repository, and facts that one run may write down. */
export const INSIGHT_LIMITS = { text: 500, path: 500, perRepository: 500, perRun: 10 } as const;

/** Why a search found something: its path or a symbol was named, words are the same, or the meaning is near. */
export const HIT_REASONS = ['path', 'symbol', 'words', 'meaning'] as const;
export type HitReasonKind = (typeof HIT_REASONS)[number];
