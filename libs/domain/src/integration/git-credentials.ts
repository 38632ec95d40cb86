/** Credentials for Git on this host. They are sent only to the forge. */
export interface GitCredentials {
  /**
   * Returns the value of the Authorization header for a URL, valid for at least some minutes, or null if none is needed or
   * configured. Pass a value that the forge rejected as `rejected` to get a new one where possible.
   */
  headerFor(url: string, rejected?: string): Promise<string | null>;
}
