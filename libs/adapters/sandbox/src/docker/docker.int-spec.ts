import { it } from 'vitest';
import { sandboxContract } from '../contract/sandbox.contract';
import { DockerSandbox } from './docker';

const sandbox = new DockerSandbox(process.env.TEKO_SANDBOX_IMAGE ?? 'node:20-bookworm');
const missing = await sandbox.unavailableReason();

if (missing) it.skip(`docker: ${missing}`);
// The init process of a container has the same user as its command.
else sandboxContract({ sandbox, missing, isolated: true, hidesFirstProcess: false });
