import { Inject, Injectable } from '@nestjs/common';
import { EventBus, EventRepository, type NewEvent } from '@teko/domain';
import { afterCommit } from './unit-of-work';

/** Appends events to the event log and publishes them on the bus once they are committed. */
@Injectable()
export class Events {
  constructor(
    @Inject(EventRepository) private readonly log: EventRepository,
    @Inject(EventBus) private readonly bus: EventBus,
  ) {}

  async record(event: NewEvent): Promise<void> {
    const stored = await this.log.append(event);
    await afterCommit(() => this.bus.publish(stored));
  }
}
