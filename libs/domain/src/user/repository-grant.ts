/** A role that a user has on one repository only. */
export interface RepositoryGrant {
  id: string;
  userId: string;
  repositoryId: string;
  role: string;
  createdAt: Date;
}
