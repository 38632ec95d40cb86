import { repositoryContracts } from './contracts';
import { inMemoryRepositories } from './in-memory';

const repositories = inMemoryRepositories();
repositoryContracts('in memory', () => repositories);
