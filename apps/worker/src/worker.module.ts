import { Module } from '@nestjs/common';
import { AnalysisService, IndexingService } from '@teko/analysis';
import { ResultPublisher, EXECUTION_PROVIDERS, ExecutionSettings, RecordEvent } from '@teko/execution';
import { Branches, CommentPublisher, Effects, FeedbackService, PullRequests, Requester } from '@teko/feedback';
import {
  AccessReader,
  AuditLog,
  Events,
  Insights,
  redactor,
  secretsOf,
  TaskComments,
  TEKO_SETTINGS,
  TekoSettings,
} from '@teko/platform';
import { FollowUps, SchedulingService, WaitingRuns } from '@teko/scheduling';
import { DEFAULT_SANDBOX_LIMITS } from '@teko/sandbox';
import type { NewEvent } from '@teko/domain';
import { RunProcessor } from './run.processor';
import { MemoryJobs } from './memory-jobs';
import { IntegrationJobs } from './integration-jobs';
import { WorkerJobs } from './worker-jobs';
import { WORKER_ID } from './worker-id';

/** The flow in a worker process. Ports come from global modules of the application. */
@Module({
  providers: [
    AnalysisService,
    IndexingService,
    SchedulingService,
    WaitingRuns,
    FollowUps,
    FeedbackService,
    Branches,
    Requester,
    Effects,
    PullRequests,
    CommentPublisher,
    AccessReader,
    AuditLog,
    ...EXECUTION_PROVIDERS,
    Events,
    Insights,
    WorkerJobs,
    IntegrationJobs,
    MemoryJobs,
    TaskComments,
    RunProcessor,
    { provide: ResultPublisher, useExisting: FeedbackService },
    {
      provide: RecordEvent,
      inject: [Events],
      useFactory: (events: Events) => (event: NewEvent) => events.record(event),
    },
    {
      provide: ExecutionSettings,
      inject: [TekoSettings],
      useFactory: (settings: TekoSettings): ExecutionSettings => ({
        home: settings.TEKO_HOME,
        workerId: WORKER_ID,
        leaseTtlMs: settings.TEKO_LEASE_SECONDS * 1000,
        sandboxLimits: DEFAULT_SANDBOX_LIMITS,
        contextTokens: settings.TEKO_CONTEXT_TOKENS,
        outageWaitMs: settings.TEKO_OUTAGE_WAIT_SECONDS * 1000,
        redact: redactor(secretsOf(TEKO_SETTINGS, settings)),
      }),
    },
  ],
})
export class WorkerModule {}
