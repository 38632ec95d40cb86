/** A question whose answer is known. */
export interface Question {
  text: string;
  /** Each of them is a correct answer. */
  paths: string[];
  /** First and last line in the only path, from 1; null if only the files are known. */
  lines: [number, number] | null;
}
