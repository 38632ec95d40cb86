import {
  CHECKED,
  DENIED,
  EAFNOSUPPORT,
  ENOSYS,
  EPERM,
  HIGHEST_KNOWN,
  MAX_UNMEASURED_SEGMENT,
  NAMESPACE_FLAGS,
  PERSONALITIES,
  SOCKET_FAMILIES,
  TERMINAL_INPUT,
} from './system-calls';

export type Architecture = 'x64' | 'arm64';

const AUDIT_ARCH: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** Set in the numbers of the x32 interface, which shares the architecture of x86_64. */
const X32_BIT = 0x40000000;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const fail = (errno: number) => 0x00050000 | errno;

const NUMBER_OFFSET = 0;
const ARCHITECTURE_OFFSET = 4;
/** Offset of the lower half of an argument. The kernel reads only this half of the arguments checked here. */
const argumentOffset = (index: number) => 16 + 8 * index;

const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_GREATER_OR_EQUAL = 0x35;
const JUMP_IF_BITS = 0x45;
const RETURN = 0x06;

type Instruction = [code: number, ifTrue: number, ifFalse: number, operand: number];
const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const answer = (action: number): Instruction => [RETURN, 0, 0, action];

/** Answers `action` if the test holds for the loaded value. */
const when = (test: number, operand: number, action: number): Instruction[] => [[test, 0, 1, operand], answer(action)];
/** Runs `body`, which ends with an answer, for one system call. */
const forCall = (number: number, body: Instruction[]): Instruction[] => [
  [JUMP_IF_EQUAL, 0, body.length, number],
  ...body,
];
const allowOnly = (argument: number, values: number[], otherwise: number): Instruction[] => [
  load(argumentOffset(argument)),
  ...values.flatMap((value) => when(JUMP_IF_EQUAL, value, ALLOW)),
  answer(otherwise),
];

/**
 * Returns the seccomp filter of commands as a BPF program in the format of `bwrap --seccomp`, or null for another architecture.
 * Unless a control group measures all memory, memory that belongs to no process is refused.
 */
export function seccompFilter(architecture: string, options: { measuresMemory: boolean }): Buffer | null {
  if (architecture !== 'x64' && architecture !== 'arm64') return null;
  const index = architecture === 'x64' ? 0 : 1;
  const denied = Object.values(DENIED).flatMap((numbers) => numbers[index] ?? []);
  const program: Instruction[] = [
    load(ARCHITECTURE_OFFSET),
    [JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH[architecture]],
    answer(KILL_PROCESS),
    load(NUMBER_OFFSET),
    ...(architecture === 'x64' ? when(JUMP_IF_GREATER_OR_EQUAL, X32_BIT, fail(EPERM)) : []),
    ...when(JUMP_IF_GREATER_OR_EQUAL, HIGHEST_KNOWN + 1, fail(ENOSYS)),
    ...denied.flatMap((number) => when(JUMP_IF_EQUAL, number, fail(EPERM))),
    // Its flags are in memory, where a filter cannot read them. Libraries fall back to clone.
    ...when(JUMP_IF_EQUAL, CHECKED.clone3[index], fail(ENOSYS)),
    ...forCall(CHECKED.clone[index], [
      load(argumentOffset(0)),
      ...when(
        JUMP_IF_BITS,
        NAMESPACE_FLAGS.reduce((a, b) => a | b),
        fail(EPERM),
      ),
      answer(ALLOW),
    ]),
    ...forCall(CHECKED.personality[index], allowOnly(0, PERSONALITIES, fail(EPERM))),
    ...forCall(CHECKED.ioctl[index], [
      load(argumentOffset(1)),
      ...TERMINAL_INPUT.flatMap((request) => when(JUMP_IF_EQUAL, request, fail(EPERM))),
      answer(ALLOW),
    ]),
    ...[CHECKED.socket, CHECKED.socketpair].flatMap((numbers) =>
      forCall(numbers[index], allowOnly(0, SOCKET_FAMILIES, fail(EAFNOSUPPORT))),
    ),
    ...(options.measuresMemory ? [] : withoutSharedSegments(index)),
    answer(ALLOW),
  ];
  return encode(program);
}

function withoutSharedSegments(index: 0 | 1): Instruction[] {
  return [
    ...forCall(CHECKED.shmget[index], [
      load(argumentOffset(1) + 4),
      ...when(JUMP_IF_GREATER_OR_EQUAL, 1, fail(EPERM)),
      load(argumentOffset(1)),
      ...when(JUMP_IF_GREATER_OR_EQUAL, MAX_UNMEASURED_SEGMENT + 1, fail(EPERM)),
      answer(ALLOW),
    ]),
    ...when(JUMP_IF_EQUAL, CHECKED.msgget[index], fail(EPERM)),
  ];
}

function encode(program: Instruction[]): Buffer {
  const buffer = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, operand], i) => {
    buffer.writeUInt16LE(code, i * 8);
    buffer.writeUInt8(ifTrue, i * 8 + 2);
    buffer.writeUInt8(ifFalse, i * 8 + 3);
    buffer.writeUInt32LE(operand >>> 0, i * 8 + 4);
  });
  return buffer;
}
