import { Module } from '@nestjs/common';
import { AccessReader, Events, TaskComments } from '@teko/platform';
import { ApprovalDecisions, FollowUps, QueuePlaces, Reruns, SchedulingService } from '@teko/scheduling';
import { CheckIntake } from './check-intake.service';
import { CommandService } from './command.service';
import { ForgeImport } from './forge-import.service';
import { Happenings } from './happenings.service';
import { IntakeService } from './intake.service';
import { IssueIntake } from './issue-intake.service';
import { OutsideRights } from './outside-rights.service';
import { PullIntake } from './pull-intake.service';
import { Reconciler } from './reconciler.service';
import { RemarkIntake } from './remark-intake.service';
import { RemarkMirror } from './remark-mirror.service';
import { RepositoryIntake } from './repository-intake.service';
import { WebhookInbox } from './webhook-inbox.service';

const SHARED = [
  Events,
  SchedulingService,
  QueuePlaces,
  Reruns,
  ApprovalDecisions,
  IntakeService,
  RepositoryIntake,
  ForgeImport,
  WebhookInbox,
  Reconciler,
];
const OWN = [
  AccessReader,
  TaskComments,
  FollowUps,
  OutsideRights,
  RemarkMirror,
  IssueIntake,
  RemarkIntake,
  CommandService,
  PullIntake,
  CheckIntake,
  Happenings,
];

/** The first stage: takes work and repositories in. The ports come from global modules. */
@Module({ providers: [...SHARED, ...OWN], exports: SHARED })
export class IntakeModule {}
