import { sandboxContract } from './contract/sandbox.contract';
import { UnsafeHostSandbox } from './unsafe-host';

sandboxContract({ sandbox: new UnsafeHostSandbox(), missing: null, isolated: false, hidesFirstProcess: false });
