import type { SandboxCheck } from '@teko/domain';
import { canCreateCgroups } from './cgroup';
import { DEFAULT_SANDBOX_LIMITS } from './limits';
import { seccompFilter } from './seccomp/filter';

const CGROUP_REMEDY =
  'Give Teko a control group that it can divide: run it as root, or as a systemd service with Delegate=yes';

const DISK_CHECK: SandboxCheck = {
  name: 'disk and files',
  enforcement: 'watch',
  detail:
    'Free space is checked 20 times a second; a fast writer can exceed its limit briefly. One file cannot exceed it.',
  remedy: null,
};
const TIME_CHECK: SandboxCheck = {
  name: 'time and output',
  enforcement: 'kernel',
  detail: 'Measured by Teko outside the sandbox.',
  remedy: null,
};

/** Returns how the limits of bubblewrap sandboxes are enforced on this host. */
export function bubblewrapChecks(
  host = {
    cgroups: canCreateCgroups(DEFAULT_SANDBOX_LIMITS),
    arch: process.arch as string,
    root: process.getuid?.() === 0,
  },
): SandboxCheck[] {
  return [
    memoryCheck(host.cgroups),
    host.cgroups || host.root
      ? { name: 'processes', enforcement: 'kernel', detail: 'Limited by the kernel.', remedy: null }
      : {
          name: 'processes',
          enforcement: 'watch',
          detail: 'Counted several times a second, because sandboxes share a user id with Teko.',
          remedy: CGROUP_REMEDY,
        },
    DISK_CHECK,
    TIME_CHECK,
    seccompFilter(host.arch, { measuresMemory: true })
      ? { name: 'system calls', enforcement: 'kernel', detail: 'Filtered by seccomp.', remedy: null }
      : {
          name: 'system calls',
          enforcement: 'none',
          detail: `There is no seccomp filter for ${host.arch}.`,
          remedy: 'Run Teko on x86_64 or aarch64.',
        },
  ];
}

function memoryCheck(cgroups: boolean): SandboxCheck {
  return cgroups
    ? {
        name: 'memory',
        enforcement: 'kernel',
        detail: 'Limited by a control group, with memory files and tmpfs.',
        remedy: null,
      }
    : {
        name: 'memory',
        enforcement: 'watch',
        detail: 'Measured several times a second; a fast command can exceed its limit briefly.',
        remedy: CGROUP_REMEDY,
      };
}

/** Returns how the limits of Docker sandboxes are enforced. */
export function dockerChecks(): SandboxCheck[] {
  const byDocker = (name: string) => ({
    name,
    enforcement: 'kernel' as const,
    detail: 'Limited by Docker.',
    remedy: null,
  });
  return [byDocker('memory'), byDocker('processes'), DISK_CHECK, TIME_CHECK, byDocker('system calls')];
}
