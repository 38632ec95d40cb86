import { resolve } from 'node:path';
import { openDatabase } from '@teko/persistence';
import { AuditLog, systemClock, type TekoSettings } from '@teko/platform';

/** `npm start -- verify-audit`: verifies the integrity of the audit log. Returns the exit code. */
export async function verifyAudit(settings: TekoSettings, out: (line: string) => void): Promise<number> {
  const database = await openDatabase({ url: settings.DATABASE_URL, home: resolve(settings.TEKO_HOME) });
  try {
    await database.migrate();
    const log = new AuditLog(database.repositories.AuditLogEntryRepository, systemClock);
    const { entries, broken } = await log.verify();
    out(
      broken
        ? `Entry ${broken.id} ${broken.reason}; the ${entries} entries before it are valid.`
        : `All ${entries} entries are valid.`,
    );
    return broken ? 1 : 0;
  } finally {
    await database.close();
  }
}
