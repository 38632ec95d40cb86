import { Module } from '@nestjs/common';
import { AccessReader, AuditLog, Events, TaskComments } from '@teko/platform';
import { ApprovalDecisions, FollowUps, QueuePositions, Reruns, SchedulingService } from '@teko/scheduling';
import { CheckRunIntake } from './check-run-intake.service';
import { CommentApprovals } from './comment-approvals.service';
import { CommandService } from './command.service';
import { ForgeImport } from './forge-import.service';
import { ExternalEvents } from './external-events.service';
import { IntakeService } from './intake.service';
import { IssueIntake } from './issue-intake.service';
import { ExternalUserAccess } from './external-user-access.service';
import { PullRequestIntake } from './pull-request-intake.service';
import { Reconciler } from './reconciler.service';
import { ExternalCommentIntake } from './external-comment-intake.service';
import { CommentSync } from './comment-sync.service';
import { RepositoryIntake } from './repository-intake.service';
import { WebhookInbox } from './webhook-inbox.service';

const EXPORTED = [
  Events,
  SchedulingService,
  QueuePositions,
  Reruns,
  ApprovalDecisions,
  IntakeService,
  RepositoryIntake,
  ForgeImport,
  WebhookInbox,
  Reconciler,
];
const INTERNAL = [
  AccessReader,
  TaskComments,
  FollowUps,
  ExternalUserAccess,
  CommentSync,
  IssueIntake,
  ExternalCommentIntake,
  AuditLog,
  CommentApprovals,
  CommandService,
  PullRequestIntake,
  CheckRunIntake,
  ExternalEvents,
];

/** The first stage: accepts tasks, repositories and external events. The ports come from global modules. */
@Module({ providers: [...EXPORTED, ...INTERNAL], exports: EXPORTED })
export class IntakeModule {}
