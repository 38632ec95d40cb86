export interface User {
  id: string;
  name: string;
  /** Lower case. */
  email: string | null;
  /** Names of roles that hold on every repository. */
  roles: string[];
  /** PHC string; null where there is no password login. */
  passwordHash: string | null;
  disabled: boolean;
  createdAt: Date;
  updatedAt: Date;
}
