/** The result of processing an external event. */
export interface Outcome {
  /** False if the event required no action or was already processed. */
  isHandled: boolean;
  /** A sentence for users: what was done, or why nothing was. */
  detail: string;
}

export const handled = (detail: string): Outcome => ({ isHandled: true, detail });
export const ignored = (detail: string): Outcome => ({ isHandled: false, detail });
