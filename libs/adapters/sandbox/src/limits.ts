import type { SandboxLimits } from '@teko/domain';

const MB = 1024 * 1024;

/** What an agent's run may use unless its profile says less. */
export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = {
  memoryBytes: 2048 * MB,
  diskBytes: 2048 * MB,
  processes: 256,
  commandTimeoutMs: 120_000,
  outputBytes: 32 * 1024,
  outputKillBytes: 50 * MB,
};
