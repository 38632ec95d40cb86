export const CODE_INDEX_STATUSES = ['pending', 'indexing', 'ready', 'failed', 'cancelled'] as const;
export type CodeIndexStatus = (typeof CODE_INDEX_STATUSES)[number];

/** Phases of indexing: first files are indexed for keyword search, then vectors are computed. */
export const INDEX_PHASES = ['files', 'vectors'] as const;
export type IndexPhase = (typeof INDEX_PHASES)[number];

/** What an insight is about. */
export const INSIGHT_KINDS = ['build', 'convention', 'owner', 'hot_spot', 'review', 'other'] as const;
export type InsightKind = (typeof INSIGHT_KINDS)[number];

/** Who recorded an insight: an agent, a review, or a user. */
export const INSIGHT_SOURCES = ['agent', 'review', 'user'] as const;
export type InsightSource = (typeof INSIGHT_SOURCES)[number];

/** Limits of insights: characters of text and path, number per repository, and number that one run can record. */
export const INSIGHT_LIMITS = { text: 500, path: 500, perRepository: 500, perRun: 10 } as const;

/** Why a search hit matched: by path, by symbol, by keywords, or by semantic similarity. */
export const HIT_REASONS = ['path', 'symbol', 'words', 'meaning'] as const;
export type HitReasonKind = (typeof HIT_REASONS)[number];
