import { DENIED, EAFNOSUPPORT, ENOSYS, EPERM, NAMESPACE_FLAGS, SOCKET_FAMILIES, TERMINAL_INPUT } from './system-calls';

/** Address families up to the highest one of current kernels. */
const HIGHEST_FAMILY = 46;
const DENIED_FAMILIES = Array.from({ length: HIGHEST_FAMILY + 1 }, (_, family) => family).filter(
  (family) => !SOCKET_FAMILIES.includes(family),
);

const equalArgument = (index: number, value: number) => ({ index, value, op: 'SCMP_CMP_EQ' });
const hasBit = (index: number, bit: number) => ({ index, value: bit, valueTwo: bit, op: 'SCMP_CMP_MASKED_EQ' });

/** Returns the rules of the seccomp filter as a profile for Docker, which adds the numbers of the system calls itself. */
export function seccompProfile() {
  const deny = (names: string[], errno: number, args?: object[]) => ({
    names,
    action: 'SCMP_ACT_ERRNO',
    errnoRet: errno,
    ...(args ? { args } : {}),
  });
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
    syscalls: [
      deny(Object.keys(DENIED), EPERM),
      deny(['clone3'], ENOSYS),
      ...NAMESPACE_FLAGS.map((flag) => deny(['clone'], EPERM, [hasBit(0, flag)])),
      ...TERMINAL_INPUT.map((request) => deny(['ioctl'], EPERM, [equalArgument(1, request)])),
      ...DENIED_FAMILIES.map((family) => deny(['socket', 'socketpair'], EAFNOSUPPORT, [equalArgument(0, family)])),
    ],
  };
}
