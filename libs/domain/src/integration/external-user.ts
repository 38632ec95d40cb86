/* Types of external services in terms of the domain. The flow never sees an adapter's payload types. */

/** A person or bot on a forge or tracker. */
export interface ExternalUser {
  /** Id of the account, which survives renames. */
  id: string;
  login: string;
  /** Bots cannot start runs or answer questions. */
  isBot: boolean;
}
