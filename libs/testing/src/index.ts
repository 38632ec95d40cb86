export {
  BUILT_AT,
  aChange,
  aCodeIndex,
  aCodebaseProfile,
  aComment,
  aCommentLink,
  aFinding,
  aGateReport,
  aModelCall,
  aRepository,
  aRepositoryGrant,
  aRole,
  aRun,
  aTask,
  aUser,
  aWebhookEvent,
  anAccount,
  anApiToken,
  anApproval,
  anInsight,
  expectEachClaimedOnce,
  repositoryContracts,
  inMemoryRepositories,
  type RepositorySet,
} from './repositories';
export {
  startModelServer,
  type ModelServer,
  type Script,
  type ScriptedRequest,
  type ScriptedTurn,
} from './model-server';
export { InMemoryForge, anAuthor, anExternalComment, anIssue } from './integration';
export { InMemoryMemory } from './memory';
export { chromaProcesses, shareChromaInstall } from './embedded-chroma';
export { measureCpuMs } from './cpu-time';
export { changeFiles, largeRepository } from './large-repository';
export { freePort } from './free-port';
export { processesWithArgument, type RunningProcess } from './processes';
export { RedisProcess } from './redis-process';
export { FULL, SAMPLE_EVERY, sampleOf, seededRandom, testDatabaseName } from './test-run';
export { NO_TEST_DATA, testData } from './test-data';
