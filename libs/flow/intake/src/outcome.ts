/** What came of something that happened outside. */
export interface Outcome {
  /** False where there was nothing to do, or it was known. */
  isDone: boolean;
  /** For people, in a sentence. */
  detail: string;
}

export const done = (detail: string): Outcome => ({ isDone: true, detail });
export const nothing = (detail: string): Outcome => ({ isDone: false, detail });
