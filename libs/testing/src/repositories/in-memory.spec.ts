import { everyRepositoryContract } from './contracts';
import { inMemoryRepositories } from './in-memory';

const repositories = inMemoryRepositories();
everyRepositoryContract('in memory', () => repositories);
