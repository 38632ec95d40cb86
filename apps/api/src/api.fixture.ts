import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import * as domain from '@teko/domain';
import { GithubWebhookParser } from '@teko/github';
import { SESSION_COOKIE, SessionService } from '@teko/identity';
import { LocalForge, LocalGitMirrors } from '@teko/local';
import { onTestFinished } from 'vitest';
import {
  allowedSources,
  readSettings,
  systemClock,
  TEKO_SETTINGS,
  TekoSettings,
  UnitOfWork,
  uuids,
  withDeferred,
} from '@teko/platform';
import { InProcessEventBus, InProcessRunQueue } from '@teko/queue';
import { aUser, InMemoryMemory, inMemoryRepositories, type InMemoryForge, type RepositorySet } from '@teko/testing';
import { ApiModule } from './api.module';
import { configureApi } from './configure-api';
import { FakeForgeConnection } from './forge-connection.fixture';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

/** An HTTP client, signed in or anonymous. */
export class ApiClient {
  cookie = '';
  csrf = '';
  /** API token for the Authorization header. */
  bearer = '';

  constructor(readonly url: string) {}

  /** `extra` overrides headers; the value undefined removes a header. */
  async request<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    extra: Record<string, string | undefined> = {},
    { headersOnly = false } = {},
  ): Promise<Answer<T>> {
    const headers = {
      cookie: this.cookie,
      'x-csrf-token': this.csrf,
      authorization: this.bearer && `Bearer ${this.bearer}`,
      'content-type': 'application/json',
      ...extra,
    };
    const present = Object.entries(headers).filter((entry): entry is [string, string] => Boolean(entry[1]));
    const response = await fetch(this.url + path, {
      method,
      headers: Object.fromEntries(present),
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'manual',
    });
    if (headersOnly) {
      await response.body?.cancel();
      return { status: response.status, headers: response.headers, body: undefined as T };
    }
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
  }

  get<T = Record<string, unknown>>(path: string) {
    return this.request<T>('GET', path);
  }

  post<T = Record<string, unknown>>(path: string, body: unknown = {}) {
    return this.request<T>('POST', path, body);
  }

  patch<T = Record<string, unknown>>(path: string, body: unknown) {
    return this.request<T>('PATCH', path, body);
  }

  delete(path: string) {
    return this.request('DELETE', path);
  }

  async signIn(token: string): Promise<Answer> {
    const answer = await this.post('/api/v1/sessions', { token });
    this.cookie = answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
    this.csrf = String(answer.body.csrfToken ?? '');
    return answer;
  }
}

/** Where the API stores its rows. */
interface Stores {
  repositories: RepositorySet;
  unitOfWork: UnitOfWork;
}

/** Runs the API on a free port, with in-memory repositories unless others are given. */
export class ApiFixture {
  private constructor(
    readonly app: NestExpressApplication,
    readonly repositories: RepositorySet,
    readonly memory: InMemoryMemory,
    readonly url: string,
    private readonly home: string,
  ) {}

  /** Starts a separate API, which is closed when the test has finished. */
  static async startForTest(env: Record<string, string>): Promise<ApiFixture> {
    const fixture = await ApiFixture.start(env);
    onTestFinished(() => fixture.close());
    return fixture;
  }

  /** `forge` replaces GitHub, if given. */
  static async start(
    env: Record<string, string> = {},
    forge?: InMemoryForge,
    { repositories, unitOfWork }: Stores = { repositories: inMemoryRepositories(), unitOfWork: { run: withDeferred } },
  ): Promise<ApiFixture> {
    const home = mkdtempSync(join(tmpdir(), 'teko-api-'));
    const memory = new InMemoryMemory();
    const names = Object.keys(repositories) as (keyof RepositorySet)[];
    const settings = readSettings(TEKO_SETTINGS, { TEKO_SECRET: 's'.repeat(32), ...env });
    const providers = [
      ...names.map((name) => ({ provide: domain[name], useValue: repositories[name] as unknown })),
      { provide: UnitOfWork, useValue: unitOfWork },
      { provide: TekoSettings, useValue: settings },
      { provide: domain.Clock, useValue: systemClock },
      { provide: domain.Ids, useValue: uuids },
      { provide: domain.RunQueue, useValue: new InProcessRunQueue() },
      { provide: domain.EventBus, useValue: new InProcessEventBus() },
      { provide: domain.GitMirrors, useValue: new LocalGitMirrors(home, undefined, allowedSources(settings)) },
      { provide: domain.Memory, useValue: memory },
      { provide: domain.Forge, useValue: forge ?? new LocalForge(home) },
      { provide: domain.ForgeConnection, useValue: forge ?? new FakeForgeConnection() },
      { provide: domain.Tracker, useValue: forge ?? {} },
      { provide: domain.WebhookParser, useValue: new GithubWebhookParser(settings.GITHUB_WEBHOOK_SECRET) },
    ];
    @Global()
    @Module({ providers, exports: providers.map(({ provide }) => provide) })
    class PortsModule {}
    @Module({ imports: [PortsModule, ApiModule] })
    class FixtureModule {}
    let app: NestExpressApplication | undefined;
    try {
      app = await NestFactory.create<NestExpressApplication>(FixtureModule, {
        ...{ bodyParser: false, logger: false, abortOnError: false },
      });
      await configureApi(app, { url: 'http://localhost' });
      await app.listen(0, '127.0.0.1');
      const { port } = app.getHttpServer().address() as { port: number };
      return new ApiFixture(app, repositories, memory, `http://127.0.0.1:${port}`, home);
    } catch (error) {
      await app?.close();
      rmSync(home, { recursive: true, force: true });
      throw error;
    }
  }

  /** Returns a client signed in with this role, or an anonymous one. */
  async client(role?: string): Promise<ApiClient> {
    return role ? this.clientOf(await this.user({ roles: [role] })) : new ApiClient(this.url);
  }

  async clientOf(user: domain.User): Promise<ApiClient> {
    const { secret, session } = await this.sessions.open(user, { userAgent: null, address: null });
    const client = new ApiClient(this.url);
    client.cookie = `${SESSION_COOKIE}=${secret}`;
    client.csrf = session.csrfToken;
    return client;
  }

  async user(overrides: Partial<domain.User> = {}): Promise<domain.User> {
    const user = aUser(overrides);
    await this.repositories.UserRepository.insert(user);
    return user;
  }

  /** Returns a one-time sign-in token of a new user. */
  async signInToken(role: string): Promise<string> {
    return (await this.sessions.createSignInLink((await this.user({ roles: [role] })).id)).token;
  }

  private get sessions(): SessionService {
    return this.app.get(SessionService, { strict: false });
  }

  async close(): Promise<void> {
    await this.app.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
