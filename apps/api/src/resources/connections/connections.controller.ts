import { Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { ForgeConnection } from '@teko/domain';
import { ForgeImport } from '@teko/intake';
import { publicUrl, TekoSettings } from '@teko/platform';
import { Endpoint } from '../../http/endpoint.decorator';
import { withTimeout } from '../../http/with-timeout';
import { ConnectionDto, DiagnosisDto, ImportableRepositoryDto, ImportableRepositoryQuery } from './connection.dto';

@ApiTags('connections')
@Controller('api/v1/connections')
export class ConnectionsController {
  constructor(
    @Inject(ForgeConnection) private readonly github: ForgeConnection,
    @Inject(ForgeImport) private readonly forgeImport: ForgeImport,
    @Inject(TekoSettings) private readonly settings: TekoSettings,
  ) {}

  @Get()
  @Endpoint({
    summary: 'List connections',
    description: 'Configured external services. Credentials are never included.',
    can: ['read', 'Connection'],
    ok: ConnectionDto,
    shape: 'page',
  })
  async list(): Promise<Page<ConnectionDto>> {
    const { GITHUB_API_URL, GITHUB_WEBHOOK_SECRET } = this.settings;
    const { kind } = this.github;
    const github: ConnectionDto = {
      id: 'github',
      kind,
      login: kind && (await this.login()),
      apiUrl: GITHUB_API_URL ?? 'https://api.github.com',
      webhookUrl: new URL('/webhooks/github', publicUrl(this.settings)).href,
      hasWebhookSecret: GITHUB_WEBHOOK_SECRET !== undefined,
    };
    return { data: [github], total: 1 };
  }

  @Post('github/diagnoses')
  @Endpoint({
    summary: 'Diagnose the GitHub connection',
    description: 'Runs all diagnostic checks and returns each result with a remedy.',
    can: ['read', 'Connection'],
    ok: DiagnosisDto,
    shape: 'page',
    status: 201,
    writes: true,
  })
  async diagnose(): Promise<Page<DiagnosisDto>> {
    const data = await this.github.diagnose();
    return { data, total: data.length };
  }

  @Get('github/repositories')
  @Endpoint({
    summary: 'List repositories that can be imported from GitHub',
    description: 'All repositories that the GitHub App or token can access.',
    can: ['create', 'Repository'],
    ok: ImportableRepositoryDto,
    shape: 'page',
    errors: [422, 503],
  })
  repositories(@Query() { q, page, perPage }: ImportableRepositoryQuery): Promise<Page<ImportableRepositoryDto>> {
    return this.forgeImport.available({ q: q || undefined, page, perPage });
  }

  /** Returns Teko's login, or null if GitHub is unreachable; the diagnosis shows the reason. */
  private login(): Promise<string | null> {
    return withTimeout(() => this.github.self()).then(
      ({ login }) => login,
      () => null,
    );
  }
}
