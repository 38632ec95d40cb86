/** A question whose answer is known. */
export interface Asked {
  text: string;
  /** Any of them is right. */
  paths: string[];
  /** Where in the one path, from 1; null where only the files are known. */
  lines: [number, number] | null;
}
