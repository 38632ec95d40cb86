import { HttpError } from 'react-admin';
import type { components } from '../generated/api';

export type Schemas = components['schemas'];
export type Run = Schemas['RunDto'];
export type Step = Schemas['StepDto'];
export type Task = Schemas['TaskDto'];
export type Change = Schemas['ChangeDto'];
export type ChangeDiff = Schemas['ChangeDiffDto'];
export type Repository = Schemas['RepositoryDto'];
export type Profile = Schemas['CodebaseProfileDto'];
export type CodeIndex = Schemas['CodeIndexDto'];
export type SearchAnswer = Schemas['SearchResultDto'];
export type SearchHit = Schemas['SearchHitDto'];
export type Finding = Schemas['FindingDto'];
export type Insight = Schemas['InsightDto'];
export type Comment = Schemas['CommentDto'];
export type Approval = Schemas['ApprovalDto'];
export type Budget = Schemas['BudgetDto'];
export type Effect = Schemas['EffectDto'];
export type QueuePosition = Schemas['QueuePositionDto'];
export type Queue = Schemas['QueueDto'];
export type SignInMethods = Schemas['SignInMethodsDto'];
export type User = Schemas['UserDto'];
export type Role = Schemas['RoleDto'];
export type RepositoryGrant = Schemas['RepositoryGrantDto'];
export type AuditLogEntry = Schemas['AuditLogEntryDto'];
export type ApiToken = Schemas['ApiTokenDto'];
export type Session = Schemas['SessionDto'];
export type Account = Schemas['AccountDto'];
export type Connection = Schemas['ConnectionDto'];
export type Diagnosis = Schemas['DiagnosisDto'];
export type ExternalRepository = Schemas['ImportableRepositoryDto'];
export type WebhookEvent = Schemas['WebhookEventDto'];
export type WebhookEventWithPayload = Schemas['WebhookEventWithPayloadDto'];

type Me = Schemas['MeDto'];
interface Problem {
  title?: string;
  detail?: string;
  errors?: Record<string, string>;
}

let me: Promise<Me> | null = null;

/** Returns the signed-in user with the access rules. The response is cached until `forgetMe`. */
export function fetchMe(): Promise<Me> {
  me ??= api<Me>('GET', '/me').catch((error: unknown) => {
    me = null;
    throw error;
  });
  return me;
}

export function forgetMe(): void {
  me = null;
}

/** Calls the API with the session cookie. Throws an HttpError whose `body.errors` holds the errors per field, as forms expect. */
export async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  // There is no CSRF token before sign-in.
  if (method !== 'GET' && !(method === 'POST' && path.startsWith('/sessions')))
    headers['x-csrf-token'] = (await fetchMe()).csrfToken ?? '';
  const init = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
  const response = await fetch(`/api/v1${path}`, init).catch(() => {
    throw new HttpError('Cannot reach Teko. Check that it is running and try again.', 503);
  });
  const text = await response.text();
  if (response.ok) return (text ? JSON.parse(text) : {}) as T;
  const problem = (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {}) as Problem;
  throw new HttpError(problem.detail ?? problem.title ?? response.statusText, response.status, {
    ...problem,
    errors: problem.errors,
  });
}
