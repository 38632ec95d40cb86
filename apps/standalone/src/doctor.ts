import type { ForgeConnection, Sandbox, SandboxCheck } from '@teko/domain';

const NOT_CONFIGURED = `GitHub is not connected. Set one of these and try again; see docs/github.md.
  GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY of a GitHub App
  GITHUB_TOKEN, a fine-grained personal access token
Also set GITHUB_WEBHOOK_SECRET to receive events immediately; without it Teko polls GitHub every few minutes.`;

const ENFORCEMENT: Record<SandboxCheck['enforcement'], string> = { kernel: 'ok   ', watch: 'watch', none: 'NONE ' };

type Print = (line: string) => void;

/**
 * `npm start -- doctor`: diagnoses the sandbox and the connection to GitHub, and prints remedies. Returns the exit code: a limit that
 * is only watched is no failure.
 */
export async function doctor(
  connection: Pick<ForgeConnection, 'kind' | 'diagnose'>,
  sandbox: Pick<Sandbox, 'kind' | 'unavailableReason' | 'checks'>,
  out: Print,
): Promise<number> {
  const isSandboxFine = await diagnoseSandbox(sandbox, out);
  if (connection.kind === null) {
    out(NOT_CONFIGURED);
    return 1;
  }
  const diagnoses = await connection.diagnose();
  for (const { name, ok, detail, remedy } of diagnoses) {
    out(`${ok ? 'ok   ' : 'FAIL '} ${name}: ${detail}`);
    if (remedy) out(`      ${remedy}`);
  }
  return isSandboxFine && diagnoses.every(({ ok }) => ok) ? 0 : 1;
}

async function diagnoseSandbox(
  sandbox: Pick<Sandbox, 'kind' | 'unavailableReason' | 'checks'>,
  out: Print,
): Promise<boolean> {
  const missing = await sandbox.unavailableReason();
  if (missing) {
    out(`FAIL  sandbox: ${missing}.`);
    return false;
  }
  out(`ok    sandbox: ${sandbox.kind}`);
  for (const { name, enforcement, detail, remedy } of await sandbox.checks()) {
    out(`${ENFORCEMENT[enforcement]} sandbox ${name}: ${detail}`);
    if (remedy) out(`      ${remedy}`);
  }
  return true;
}
