import { Module } from '@nestjs/common';
import { IdentityModule } from '@teko/identity';
import { IntakeModule } from '@teko/intake';
import { HealthController } from './health/health.controller';
import { Metrics } from './health/metrics.service';
import { AgentProfilesController } from './resources/agent-profiles/agent-profiles.controller';
import { ChangesController } from './resources/changes/changes.controller';
import { ChangesService } from './resources/changes/changes.service';
import { CommentsController } from './resources/comments/comments.controller';
import { DashboardController } from './resources/dashboard/dashboard.controller';
import { DemoController } from './resources/demo/demo.controller';
import { EventRows } from './resources/events/event-rows.service';
import { EventsController } from './resources/events/events.controller';
import { LiveEvents } from './resources/events/live-events.service';
import { FindingsController } from './resources/findings/findings.controller';
import { MeController } from './resources/me/me.controller';
import { RepositoriesController } from './resources/repositories/repositories.controller';
import { RunsController } from './resources/runs/runs.controller';
import { SessionsController } from './resources/sessions/sessions.controller';
import { SettingsController } from './resources/settings/settings.controller';
import { TasksController } from './resources/tasks/tasks.controller';

/** The outside interface. Ports, settings report and agent profiles come from global modules of the application. */
@Module({
  imports: [IdentityModule, IntakeModule],
  controllers: [
    AgentProfilesController,
    ChangesController,
    CommentsController,
    DashboardController,
    DemoController,
    EventsController,
    FindingsController,
    HealthController,
    MeController,
    RepositoriesController,
    RunsController,
    SessionsController,
    SettingsController,
    TasksController,
  ],
  providers: [ChangesService, EventRows, LiveEvents, Metrics],
})
export class ApiModule {}
