/** A sign-in that lasts. Only the hash of its secret is stored. */
export interface Session {
  id: string;
  userId: string;
  tokenHash: string;
  csrfToken: string;
  userAgent: string | null;
  address: string | null;
  expiresAt: Date;
  lastUsedAt: Date;
  createdAt: Date;
}

/** A link that signs in once. Only the hash of its secret is stored. */
export interface SignInLink {
  id: string;
  userId: string;
  tokenHash: string;
  expiresAt: Date;
  usedAt: Date | null;
  createdAt: Date;
}
