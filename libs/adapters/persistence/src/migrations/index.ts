import { FirstSchema1763856000000 } from './1763856000000-first-schema';
import { Access1764000000000 } from './1764000000000-access';
import { Approvals1764100000000 } from './1764100000000-approvals';
import { Budgets1764200000000 } from './1764200000000-budgets';
import { Outages1764300000000 } from './1764300000000-outages';
import { Continuations1764400000000 } from './1764400000000-continuations';
import { Github1764500000000 } from './1764500000000-github';
import { Memory1764600000000 } from './1764600000000-memory';
import { Glossary1764700000000 } from './1764700000000-glossary';
import { Proof1795864967475 } from './1795864967475-proof';

/** Every migration, oldest first. `npm run migration:generate` adds to the end. */
export const migrations = [
  FirstSchema1763856000000,
  Access1764000000000,
  Approvals1764100000000,
  Budgets1764200000000,
  Outages1764300000000,
  Continuations1764400000000,
  Github1764500000000,
  Memory1764600000000,
  Glossary1764700000000,
  Proof1795864967475,
];

/** The release before this one, and how many of the migrations it has. `npm run migration:undo` stops there. */
export const PREVIOUS_RELEASE = { version: '0.1.0', migrations: 8 };
