import { InMemoryVectors } from './in-memory-vectors';
import { vectorStoreContract } from './vector-store.contract';

vectorStoreContract('in memory', () => Promise.resolve(new InMemoryVectors()));
