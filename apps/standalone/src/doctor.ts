import type { ForgeConnection } from '@teko/domain';

const NOT_CONFIGURED = `GitHub is not connected. Set one of these and try again; see docs/github.md.
  GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY of a GitHub App
  GITHUB_TOKEN, a fine-grained personal access token
Also set GITHUB_WEBHOOK_SECRET to receive events immediately; without it Teko polls GitHub every few minutes.`;

/** `npm start -- doctor`: diagnoses the connection to GitHub and prints remedies. Returns the exit code. */
export async function doctor(
  connection: Pick<ForgeConnection, 'kind' | 'diagnose'>,
  out: (line: string) => void,
): Promise<number> {
  if (connection.kind === null) {
    out(NOT_CONFIGURED);
    return 1;
  }
  const diagnoses = await connection.diagnose();
  for (const { name, ok, detail, remedy } of diagnoses) {
    out(`${ok ? 'ok   ' : 'FAIL '} ${name}: ${detail}`);
    if (remedy) out(`      ${remedy}`);
  }
  return diagnoses.every(({ ok }) => ok) ? 0 : 1;
}
