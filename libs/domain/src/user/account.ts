export const ACCOUNT_PROVIDERS = ['github', 'google'] as const;

export type AccountProvider = (typeof ACCOUNT_PROVIDERS)[number];

/** A user's account at an OAuth provider. `subject` is the provider's id, which never changes; login and email can change. */
export interface Account {
  id: string;
  userId: string;
  provider: AccountProvider;
  subject: string;
  login: string;
  email: string;
  createdAt: Date;
}
