import { Inject, Injectable } from '@nestjs/common';
import { EventBus, EventRepository, type NewEvent } from '@teko/domain';

/** Appends events to the event log and publishes them on the bus. */
@Injectable()
export class Events {
  constructor(
    @Inject(EventRepository) private readonly log: EventRepository,
    @Inject(EventBus) private readonly bus: EventBus,
  ) {}

  async record(event: NewEvent): Promise<void> {
    await this.bus.publish(await this.log.append(event));
  }
}
