export interface User {
  id: string;
  name: string;
  /** Lower case. */
  email: string | null;
  /** Names of roles that apply to all repositories. */
  roles: string[];
  /** Password hash as a PHC string; null if the user has no password. */
  passwordHash: string | null;
  disabled: boolean;
  createdAt: Date;
  updatedAt: Date;
}
