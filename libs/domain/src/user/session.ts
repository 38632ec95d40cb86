/** A sign-in session. Only the hash of its secret is stored. */
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

/** A link for a single sign-in. Only the hash of its secret is stored. */
export interface SignInLink {
  id: string;
  userId: string;
  tokenHash: string;
  expiresAt: Date;
  usedAt: Date | null;
  createdAt: Date;
}
