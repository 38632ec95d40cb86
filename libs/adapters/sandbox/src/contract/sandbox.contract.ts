import { describe } from 'vitest';
import { attackContract } from './attacks.contract';
import { commandContract } from './commands.contract';
import type { Driver } from './driver.fixture';
import { fileContract } from './files.contract';
import { limitContract } from './limits.contract';

/** What every driver guarantees. Attacks on the host are tried on drivers that isolate commands. */
export function sandboxContract(driver: Driver): void {
  const { sandbox, missing } = driver;
  describe.skipIf(missing)(missing ? `${sandbox.kind}, skipped: ${missing}` : sandbox.kind, () => {
    commandContract(driver);
    fileContract(driver);
    limitContract(driver);
    if (driver.isolated) attackContract(driver);
  });
}
