import { createHash, randomBytes } from 'node:crypto';

/** Returns 256 random bits, encoded for URLs. */
export const newSecret = () => randomBytes(32).toString('base64url');

/** Returns the hash of a secret for storage. Secrets are random, so a fast hash without salt is safe. */
export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
