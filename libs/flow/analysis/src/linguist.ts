/** Loads everything that uses Linguist's tables. They are large, so they are loaded by the first analysis. */
export const loadLinguist = () => import('./linguist-rules');
