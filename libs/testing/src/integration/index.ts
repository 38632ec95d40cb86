export { InMemoryForge, anAuthor, anExternalComment, anIssue } from './in-memory-forge';
