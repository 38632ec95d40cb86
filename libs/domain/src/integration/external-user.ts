/* What forges and trackers tell, in words of our own: no adapter's shapes reach the flow. */

/** Who said or did something outside. */
export interface ExternalUser {
  /** The account's own identifier, which survives renames. */
  id: string;
  login: string;
  /** What a program says never starts or answers anything. */
  isBot: boolean;
}
