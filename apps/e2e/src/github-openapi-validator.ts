import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isJson, type Json } from './github-http';
import type { RecordedRequest } from './github-requests';

/** What is wrong with a request, by GitHub's own description of its API. */
export interface Violation {
  request: RecordedRequest;
  /** Such as `body.title: must be string`. */
  problem: string;
}

interface Diagnostic {
  message: string;
  path?: string[];
}
interface Outcome {
  _tag: 'Left' | 'Right';
  left?: Error;
  right?: { validations: { input: Diagnostic[] } };
}
interface Prism {
  getHttpOperationsFromSpec(document: Json): Promise<unknown[]>;
  createInstance(config: Json, parts: Json): { request(input: Json, operations: unknown[]): () => Promise<Outcome> };
}

/**
 * Third-party referee: Prism, with the OpenAPI description that GitHub publishes. It judges requests of REST afterwards; what was
 * answered, GraphQL and git are not its business.
 */
export async function validateRequests(requests: RecordedRequest[]): Promise<Violation[]> {
  const judged = requests.filter((request) => request.kind === 'rest');
  if (judged.length === 0) return [];
  const prism = loadPrism();
  const operations = await prism.getHttpOperationsFromSpec(await descriptionOf(judged));
  const instance = prism.createInstance(
    { validateRequest: true, checkSecurity: false, mock: {}, errors: true },
    parts(),
  );
  const violations: Violation[] = [];
  for (const request of judged) {
    const outcome = await instance.request(inputOf(request), operations)();
    if (outcome._tag === 'Left') violations.push({ request, problem: outcome.left?.message ?? 'refused' });
    for (const { path = [], message } of outcome.right?.validations.input ?? []) {
      violations.push({ request, problem: `${path.join('.')}: ${message}` });
    }
  }
  return violations;
}

/** Prism is a dependency of its command line, which is what the project names. */
function loadPrism(): Prism {
  const here = createRequire(import.meta.url);
  return createRequire(here.resolve('@stoplight/prism-cli/package.json'))('@stoplight/prism-http') as Prism;
}

/** Of the 811 paths those that were asked for: to prepare all takes four times as long. */
async function descriptionOf(requests: RecordedRequest[]): Promise<Json> {
  const file = createRequire(import.meta.url).resolve('@octokit/openapi/package.json');
  const text = await readFile(file.replace('package.json', 'generated/api.github.com.json'), 'utf8');
  const document = JSON.parse(text) as Json & { paths: Record<string, Json> };
  const urls = requests.map(({ url }) => url.split('?')[0] ?? '');
  const isAsked = (path: string) => {
    const pattern = new RegExp(`^${path.replace(/[.+]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);
    return urls.some((one) => pattern.test(one));
  };
  const paths = Object.entries(document.paths).filter(([path]) => isAsked(path));
  if (paths.length === 0) paths.push(['/zen', document.paths['/zen'] ?? {}]);
  const asked = Object.fromEntries(paths.map(([path, item]) => [path, withoutAnswers(item)]));
  return compilable({ ...document, 'x-webhooks': undefined, paths: asked }) as Json;
}

/** Answers are not judged. */
function withoutAnswers(item: Json): Json {
  const bare = { 200: { description: 'any' } };
  const entries = Object.entries(item).map(([key, value]) => [
    key,
    isJson(value) && 'responses' in value ? { ...value, responses: bare } : value,
  ]);
  return Object.fromEntries(entries);
}

/** Prism lets everything pass where a schema is `nullable` without a type, as that of new issues is: it cannot compile it. */
function compilable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compilable);
  if (!isJson(value)) return value;
  const json: Json = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, compilable(item)]));
  const { nullable, ...rest } = json;
  return nullable === true && !('type' in json) ? { anyOf: [rest, { enum: [null] }] } : json;
}

function inputOf({ method, url, headers, body }: RecordedRequest): Json {
  const { pathname, searchParams } = new URL(url, 'http://host');
  const parsed: unknown = body ? parse(body) : undefined;
  const query = Object.fromEntries(
    [...new Set(searchParams.keys())].map((key) => [key, valueOf(searchParams.getAll(key))]),
  );
  return { method: method.toLowerCase(), url: { path: pathname, query }, headers, body: parsed };
}

function valueOf(values: string[]): string | string[] {
  return values.length === 1 ? (values[0] ?? '') : values;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** Prism goes on to answer a good request: with nothing, and in silence. */
function parts(): Json {
  const logger: Json = {};
  for (const level of ['trace', 'debug', 'info', 'success', 'warn', 'error', 'fatal']) logger[level] = () => {};
  logger.child = () => logger;
  const nothing = { _tag: 'Right', right: { statusCode: 200, headers: {}, body: '' } };
  return { logger, mock: () => () => nothing };
}
