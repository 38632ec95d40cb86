export const ACCOUNT_PROVIDERS = ['github', 'google'] as const;

export type AccountProvider = (typeof ACCOUNT_PROVIDERS)[number];

/** A user's account at a login provider. The provider's own identifier of it never changes; names and addresses do. */
export interface Account {
  id: string;
  userId: string;
  provider: AccountProvider;
  subject: string;
  login: string;
  email: string;
  createdAt: Date;
}
