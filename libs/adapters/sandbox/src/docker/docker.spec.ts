import { expect, it } from 'vitest';
import { DEFAULT_SANDBOX_LIMITS } from '../limits';
import { seccompProfile } from '../seccomp/profile';
import { commandContainer, fileContainer, type ContainerOptions } from './docker';

const OPTIONS: ContainerOptions = {
  session: 's',
  name: 'n',
  image: 'sandbox',
  workspace: '/w',
  tmp: '/t',
  seccomp: '/profile.json',
  limits: DEFAULT_SANDBOX_LIMITS,
};
const command = { argv: ['npm', 'test'], cwd: 'sub', env: { A: 'b' }, mounts: { runner: '/r' } };

it.each([
  ['a command', commandContainer(OPTIONS, command)],
  ['the file program', fileContainer(OPTIONS)],
])('starts a container for %s without network and capabilities, and with a read-only system', (_name, args) => {
  const line = args.join(' ');
  for (const part of [
    'run --rm --interactive --init --name n',
    '--label teko.sandbox=s',
    '--network none',
    '--read-only',
    '--cap-drop ALL',
    '--security-opt no-new-privileges',
    '--security-opt seccomp=/profile.json',
    '--pids-limit 256',
    `--memory ${2048 * 1024 * 1024}`,
    `--memory-swap ${2048 * 1024 * 1024}`,
    '--user 60000:60000',
    '--volume /w:/workspace:rw',
  ])
    expect(line).toContain(part);
});

it('gives a command its folder, environment, mounts and temporary folder, and the file program none of them', () => {
  const parts = ['--workdir /workspace/sub', '--env A=b', '--volume /r:/teko/runner:ro', '--volume /t:/tmp:rw'];
  const [commandLine, fileLine] = [commandContainer(OPTIONS, command), fileContainer(OPTIONS)].map((args) =>
    args.join(' '),
  );
  for (const part of parts) {
    expect(commandLine).toContain(part);
    expect(fileLine).not.toContain(part);
  }
  expect(commandLine!.endsWith('--entrypoint  sandbox npm test')).toBe(true);
});

it('denies the same system calls as bubblewrap', () => {
  const { syscalls, defaultAction } = seccompProfile();
  const rulesOf = (name: string) => syscalls.filter(({ names }) => names.includes(name));
  expect(defaultAction).toBe('SCMP_ACT_ALLOW');
  expect(rulesOf('io_uring_setup')).toEqual([expect.objectContaining({ action: 'SCMP_ACT_ERRNO', errnoRet: 1 })]);
  expect(rulesOf('clone3')).toEqual([expect.objectContaining({ errnoRet: 38 })]);
  expect(rulesOf('clone')).toHaveLength(7);
  expect(rulesOf('socket').some(({ args }) => JSON.stringify(args).includes('"value":40'))).toBe(true);
  expect(rulesOf('socket').some(({ args }) => JSON.stringify(args).includes('"value":2,'))).toBe(false);
});
