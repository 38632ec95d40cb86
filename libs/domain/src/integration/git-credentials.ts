/** Credentials of git on this host. They never leave the process but towards the forge. */
export interface GitCredentials {
  /**
   * Value of the Authorization header for this URL, valid for some minutes at least; null where none is needed or set up.
   * `refused` is one that was not taken: another is made, where one can be.
   */
  headerFor(url: string, refused?: string): Promise<string | null>;
}
