import { resolve } from 'node:path';
import { openDatabase } from '@teko/persistence';
import { AuditLog, systemClock, type TekoSettings } from '@teko/platform';

/** `npm start -- verify-audit`: says whether the audit log is as it was written; answers the exit code. */
export async function verifyAudit(settings: TekoSettings, out: (line: string) => void): Promise<number> {
  const database = await openDatabase({ url: settings.DATABASE_URL, home: resolve(settings.TEKO_HOME) });
  try {
    await database.migrate();
    const log = new AuditLog(database.repositories.AuditLogEntryRepository, systemClock);
    const { entries, broken } = await log.verify();
    out(
      broken
        ? `Entry ${broken.id} ${broken.reason}; the ${entries} before it are right.`
        : `All ${entries} entries are right.`,
    );
    return broken ? 1 : 0;
  } finally {
    await database.close();
  }
}
