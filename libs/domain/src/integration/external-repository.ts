/** A repository that a connection can see. */
export interface ExternalRepository {
  forgeId: string;
  /** `owner/name`. */
  forgeName: string;
  /** Git URL, without a credential. */
  url: string;
  defaultBranch: string;
  archived: boolean;
  private: boolean;
  description: string | null;
}
