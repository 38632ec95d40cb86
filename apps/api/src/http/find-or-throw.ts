import { NotFoundError } from '@teko/domain';

/** The row, or NotFoundError. */
export async function findOrThrow<T>(noun: string, id: string, row: Promise<T | null>): Promise<T> {
  const value = await row;
  if (value === null) throw new NotFoundError(noun, id);
  return value;
}
