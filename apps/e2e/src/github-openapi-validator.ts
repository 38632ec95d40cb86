import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isJson, type Json } from './github-http';
import type { RecordedRequest } from './github-requests';

/** An error in a request, according to GitHub's OpenAPI description. */
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
 * Validates recorded REST requests with Prism, a third-party validator, against the OpenAPI description that GitHub publishes.
 * Responses, GraphQL and git are not validated.
 */
export async function validateRequests(requests: RecordedRequest[]): Promise<Violation[]> {
  const restRequests = requests.filter((request) => request.kind === 'rest');
  if (restRequests.length === 0) return [];
  const prism = loadPrism();
  const operations = await prism.getHttpOperationsFromSpec(await descriptionOf(restRequests));
  const instance = prism.createInstance(
    { validateRequest: true, checkSecurity: false, mock: {}, errors: true },
    prismComponents(),
  );
  const violations: Violation[] = [];
  for (const request of restRequests) {
    const outcome = await instance.request(inputOf(request), operations)();
    if (outcome._tag === 'Left') violations.push({ request, problem: outcome.left?.message ?? 'rejected' });
    for (const { path = [], message } of outcome.right?.validations.input ?? []) {
      violations.push({ request, problem: `${path.join('.')}: ${message}` });
    }
  }
  return violations;
}

/** Loads Prism from the dependencies of its command line tool, which is the declared dependency. */
function loadPrism(): Prism {
  const here = createRequire(import.meta.url);
  return createRequire(here.resolve('@stoplight/prism-cli/package.json'))('@stoplight/prism-http') as Prism;
}

/** Returns the OpenAPI description with the requested paths only; preparing all 811 takes four times as long. */
async function descriptionOf(requests: RecordedRequest[]): Promise<Json> {
  const file = createRequire(import.meta.url).resolve('@octokit/openapi/package.json');
  const text = await readFile(file.replace('package.json', 'generated/api.github.com.json'), 'utf8');
  const document = JSON.parse(text) as Json & { paths: Record<string, Json> };
  const urls = requests.map(({ url }) => url.split('?')[0] ?? '');
  const isRequested = (path: string) => {
    const pattern = new RegExp(`^${path.replace(/[.+]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);
    return urls.some((one) => pattern.test(one));
  };
  const paths = Object.entries(document.paths).filter(([path]) => isRequested(path));
  if (paths.length === 0) paths.push(['/zen', document.paths['/zen'] ?? {}]);
  const requested = Object.fromEntries(paths.map(([path, item]) => [path, withoutResponses(item)]));
  return compilable({ ...document, 'x-webhooks': undefined, paths: requested }) as Json;
}

/** Removes the responses, which are not validated. */
function withoutResponses(item: Json): Json {
  const bare = { 200: { description: 'any' } };
  const entries = Object.entries(item).map(([key, value]) => [
    key,
    isJson(value) && 'responses' in value ? { ...value, responses: bare } : value,
  ]);
  return Object.fromEntries(entries);
}

/** Replaces `nullable` without a type, as in the schema of new issues: Prism cannot compile it and accepts any value. */
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

/** Components of a Prism instance without logging. Prism mocks a response to a valid request; here it is empty. */
function prismComponents(): Json {
  const logger: Json = {};
  for (const level of ['trace', 'debug', 'info', 'success', 'warn', 'error', 'fatal']) logger[level] = () => {};
  logger.child = () => logger;
  const nothing = { _tag: 'Right', right: { statusCode: 200, headers: {}, body: '' } };
  return { logger, mock: () => () => nothing };
}
