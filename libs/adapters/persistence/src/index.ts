export { openDatabase, type Database, type Repositories } from './database';
export { PersistenceModule } from './persistence.module';
