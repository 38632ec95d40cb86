import { sandboxContract } from '../contract/sandbox.contract';
import { describe } from 'vitest';
import { limitContract } from '../contract/limits.contract';
import { BubblewrapSandbox } from './bubblewrap';

const sandbox = new BubblewrapSandbox();
const missing = await sandbox.unavailableReason();
if (missing && process.env.CI) throw new Error(missing);

// Where control groups cannot be created, the same limits are watched.
const watching = new BubblewrapSandbox(() => null);
describe.skipIf(missing)('without control groups', () =>
  limitContract({ sandbox: watching, missing, isolated: true, hidesFirstProcess: true }),
);

sandboxContract({ sandbox, missing, isolated: true, hidesFirstProcess: true });
