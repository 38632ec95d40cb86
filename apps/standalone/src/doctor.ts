import type { AgentProfileDto } from '@teko/api';
import type { ForgeConnection, LanguageModels, Sandbox, SandboxCheck } from '@teko/domain';
import { unknownPriceMessage } from '@teko/execution';

const NOT_CONFIGURED = `GitHub is not connected. Set one of these and try again; see docs/github.md.
  GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY of a GitHub App
  GITHUB_TOKEN, a fine-grained personal access token
Also set GITHUB_WEBHOOK_SECRET to receive events immediately; without it Teko polls GitHub every few minutes.`;

const NO_MODEL = `No model is configured; only the demo works without one.
      Set TEKO_MODEL to anthropic:MODEL, openai:MODEL or ollama:MODEL, and the key of the provider; see docs/configuration.md.`;

const ENFORCEMENT: Record<SandboxCheck['enforcement'], string> = { kernel: 'ok   ', watch: 'watch', none: 'NONE ' };

type Print = (line: string) => void;

interface Diagnosed {
  connection: Pick<ForgeConnection, 'kind' | 'diagnose'>;
  sandbox: Pick<Sandbox, 'kind' | 'unavailableReason' | 'checks'>;
  models: Pick<LanguageModels, 'missingSettingFor' | 'price'>;
  agents: Pick<AgentProfileDto, 'name' | 'model' | 'fallback'>[];
}

/**
 * `npm start -- doctor`: diagnoses the sandbox, the configuration of the models and the connection to GitHub, and prints remedies. It
 * calls no model. Returns the exit code: a limit that is only watched is no failure.
 */
export async function doctor({ connection, sandbox, models, agents }: Diagnosed, out: Print): Promise<number> {
  const isSandboxFine = await diagnoseSandbox(sandbox, out);
  const areModelsFine = diagnoseModels(models, agents, out);
  if (connection.kind === null) {
    out(NOT_CONFIGURED);
    return 1;
  }
  const diagnoses = await connection.diagnose();
  for (const { name, ok, detail, remedy } of diagnoses) {
    out(`${ok ? 'ok   ' : 'FAIL '} ${name}: ${detail}`);
    if (remedy) out(`      ${remedy}`);
  }
  return isSandboxFine && areModelsFine && diagnoses.every(({ ok }) => ok) ? 0 : 1;
}

function diagnoseModels(models: Diagnosed['models'], agents: Diagnosed['agents'], out: Print): boolean {
  const uses = new Map<string | null, string[]>();
  const add = (model: string | null, use: string) => uses.set(model, [...(uses.get(model) ?? []), use]);
  for (const { name, model, fallback } of agents) {
    add(model, name);
    if (fallback) add(fallback, `fallback of ${name}`);
  }
  const problems = [...uses].map(([model, users]) => {
    const problem = model === null ? NO_MODEL : problemOf(model, models);
    const title = `model${model === null ? '' : ` ${model}`} (${users.join(', ')})`;
    out(problem ? `FAIL  ${title}: ${problem}` : `ok    ${title}: It is configured; it was not called.`);
    return problem;
  });
  return problems.every((problem) => problem === null);
}

/** Returns why the model cannot be used, with what to do, or null if nothing is missing. */
function problemOf(model: string, models: Diagnosed['models']): string | null {
  const setting = models.missingSettingFor(model);
  if (setting) return `${setting} is not set.\n      Set it and restart Teko.`;
  const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 };
  return models.price(model, usage) === null ? unknownPriceMessage(model) : null;
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
