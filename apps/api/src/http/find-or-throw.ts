import { NotFoundError } from '@teko/domain';

/** Returns the row, or throws NotFoundError if it is null. */
export async function findOrThrow<T>(noun: string, id: string, row: Promise<T | null>): Promise<T> {
  const value = await row;
  if (value === null) throw new NotFoundError(noun, id);
  return value;
}
