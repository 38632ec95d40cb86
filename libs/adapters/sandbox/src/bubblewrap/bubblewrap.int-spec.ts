import { sandboxContract } from '../contract/sandbox.contract';
import { BubblewrapSandbox } from './bubblewrap';

const sandbox = new BubblewrapSandbox();
const missing = await sandbox.unavailableReason();
if (missing && process.env.CI) throw new Error(missing);

sandboxContract({ sandbox, missing, isolated: true, hidesFirstProcess: true });
