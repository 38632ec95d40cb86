import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { IdentityModule } from '@teko/identity';
import { IntakeModule } from '@teko/intake';
import { AuditLog, Insights } from '@teko/platform';
import { AuthController } from './auth/auth.controller';
import { SignInService } from './auth/sign-in.service';
import { HealthController } from './health/health.controller';
import { Metrics } from './health/metrics.service';
import { AuditInterceptor } from './http/audit.interceptor';
import { AuditSanitizer } from './http/audit-sanitizer';
import { THROTTLING } from './http/throttling';
import { AccountsController } from './resources/accounts/accounts.controller';
import { AgentProfilesController } from './resources/agent-profiles/agent-profiles.controller';
import { ApiTokensController } from './resources/api-tokens/api-tokens.controller';
import { ApprovalsController } from './resources/approvals/approvals.controller';
import { AuditLogEntriesController } from './resources/audit-log-entries/audit-log-entries.controller';
import { BudgetsController } from './resources/budgets/budgets.controller';
import { ChangesController } from './resources/changes/changes.controller';
import { ChangesService } from './resources/changes/changes.service';
import { CodeIndexesController } from './resources/code-indexes/code-indexes.controller';
import { CommentPresenter } from './resources/comments/comment-presenter.service';
import { CommentsController } from './resources/comments/comments.controller';
import { ConnectionsController } from './resources/connections/connections.controller';
import { DashboardController } from './resources/dashboard/dashboard.controller';
import { DemoController } from './resources/demo/demo.controller';
import { EventRows } from './resources/events/event-rows.service';
import { EventsController } from './resources/events/events.controller';
import { LiveEvents } from './resources/events/live-events.service';
import { FindingsController } from './resources/findings/findings.controller';
import { InsightsController } from './resources/insights/insights.controller';
import { InsightsService } from './resources/insights/insights.service';
import { MeController } from './resources/me/me.controller';
import { QueueController } from './resources/queue/queue.controller';
import { QueueService } from './resources/queue/queue.service';
import { RepositoriesController } from './resources/repositories/repositories.controller';
import { RepositoryGrantsController } from './resources/repository-grants/repository-grants.controller';
import { RolesController } from './resources/roles/roles.controller';
import { RunsController } from './resources/runs/runs.controller';
import { SearchController } from './resources/search/search.controller';
import { SessionsController } from './resources/sessions/sessions.controller';
import { SettingsController } from './resources/settings/settings.controller';
import { TasksController } from './resources/tasks/tasks.controller';
import { UsersController } from './resources/users/users.controller';
import { UsersService } from './resources/users/users.service';
import { WebhookEventsController } from './resources/webhook-events/webhook-events.controller';
import { GithubWebhooksController } from './webhooks/github-webhooks.controller';
import { WebhookJobs } from './webhooks/webhook-jobs';

/** The HTTP interface. Ports, settings report and agent profiles come from global modules of the application. */
@Module({
  imports: [IdentityModule, IntakeModule, ThrottlerModule.forRoot(THROTTLING)],
  controllers: [
    AccountsController,
    AgentProfilesController,
    ApiTokensController,
    ApprovalsController,
    AuditLogEntriesController,
    AuthController,
    BudgetsController,
    ChangesController,
    CodeIndexesController,
    CommentsController,
    ConnectionsController,
    DashboardController,
    DemoController,
    EventsController,
    FindingsController,
    GithubWebhooksController,
    HealthController,
    InsightsController,
    MeController,
    QueueController,
    RepositoriesController,
    RepositoryGrantsController,
    RolesController,
    RunsController,
    SearchController,
    SessionsController,
    SettingsController,
    TasksController,
    UsersController,
    WebhookEventsController,
  ],
  providers: [
    AuditSanitizer,
    AuditLog,
    ChangesService,
    CommentPresenter,
    EventRows,
    Insights,
    InsightsService,
    LiveEvents,
    Metrics,
    QueueService,
    SignInService,
    UsersService,
    WebhookJobs,
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  ],
})
export class ApiModule {}
