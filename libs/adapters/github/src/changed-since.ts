const PAGE = 100;
const MAX_PAGES = 50;

/**
 * Returns all items that changed since a time, the oldest change first. Continues from the time of the last change instead of the
 * page number: items that change meanwhile move to the end, which would shift others to a page that was already read.
 */
export async function changedSince<T extends { updated_at: string }>(
  since: Date,
  fetchPage: (query: {
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
  for (let requests = 0; requests < MAX_PAGES; requests++) {
    const { data } = await fetchPage({ since: from, page, per_page: PAGE, sort: 'updated', direction: 'asc' });
    for (const item of data) {
      // The newer version moves to the end.
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
