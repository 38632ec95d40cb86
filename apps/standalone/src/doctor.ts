import type { ForgeConnection } from '@teko/domain';

const NOTHING_SET = `GitHub is not connected. Set one of these and try again; docs/github.md says how to get them.
  GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, of a GitHub App
  GITHUB_TOKEN, a fine-grained token
With GITHUB_WEBHOOK_SECRET besides, Teko hears of things at once; without it asks every few minutes.`;

/** `npm start -- doctor`: tries the connection to GitHub and says what to do; answers the exit code. */
export async function doctor(
  connection: Pick<ForgeConnection, 'kind' | 'diagnose'>,
  out: (line: string) => void,
): Promise<number> {
  if (connection.kind === null) {
    out(NOTHING_SET);
    return 1;
  }
  const diagnoses = await connection.diagnose();
  for (const { name, ok, detail, remedy } of diagnoses) {
    out(`${ok ? 'ok   ' : 'WRONG'} ${name}: ${detail}`);
    if (remedy) out(`      ${remedy}`);
  }
  return diagnoses.every(({ ok }) => ok) ? 0 : 1;
}
