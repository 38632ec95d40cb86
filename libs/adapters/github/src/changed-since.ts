const PAGE = 100;
const MAX_PAGES = 50;

/**
 * Everything that changed since then, the oldest change first. Goes on from the last change it saw rather than by page
 * number: what changes meanwhile moves to the end, and would push its neighbours over the edge of a page unseen.
 */
export async function changedSince<T extends { updated_at: string }>(
  since: Date,
  ask: (query: {
    since: string;
    page: number;
    per_page: number;
    sort: 'updated';
    direction: 'asc';
  }) => Promise<{ data: T[] }>,
  idOf: (item: T) => number,
): Promise<T[]> {
  const found = new Map<number, T>();
  let from = since.toISOString();
  let page = 1;
  for (let asked = 0; asked < MAX_PAGES; asked++) {
    const { data } = await ask({ since: from, page, per_page: PAGE, sort: 'updated', direction: 'asc' });
    for (const item of data) {
      // The newer word goes to the end.
      found.delete(idOf(item));
      found.set(idOf(item), item);
    }
    if (data.length < PAGE) break;
    const last = data.at(-1)!.updated_at;
    page = Date.parse(last) > Date.parse(from) ? 1 : page + 1;
    if (page === 1) from = last;
  }
  return [...found.values()].sort((a, b) => Date.parse(a.updated_at) - Date.parse(b.updated_at));
}
