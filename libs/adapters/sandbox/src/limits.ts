import type { SandboxLimits } from '@teko/domain';

const MB = 1024 * 1024;

/** Default limits of a run. An agent's profile can lower them. */
export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = {
  memoryBytes: 2048 * MB,
  diskBytes: 2048 * MB,
  files: 200_000,
  processes: 256,
  commandTimeoutMs: 120_000,
  outputBytes: 32 * 1024,
  outputKillBytes: 50 * MB,
};
