/** Everything that knows Linguist's tables. The first analysis loads it: they are eight hundred files long. */
export const linguist = () => import('./on-linguist');
