import { Module } from '@nestjs/common';
import { Events } from '@teko/platform';
import { QueuePlaces, Reruns, SchedulingService } from '@teko/scheduling';
import { IntakeService } from './intake.service';
import { RepositoryIntake } from './repository-intake.service';

/** The first stage: takes work and repositories in. The ports come from global modules. */
@Module({
  providers: [Events, SchedulingService, QueuePlaces, Reruns, IntakeService, RepositoryIntake],
  exports: [Events, SchedulingService, QueuePlaces, Reruns, IntakeService, RepositoryIntake],
})
export class IntakeModule {}
