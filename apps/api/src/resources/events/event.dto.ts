import { EVENT_TYPES, type EventType } from '@teko/contracts';
import { Data, Id, Num, OneOf } from '../../http/fields';

/** The data of one Server-Sent Event. */
export class LiveEventDto {
  @OneOf(EVENT_TYPES, 'What changed; also the name of the event.') type: EventType;
  @Num('Place in the log; resume with `Last-Event-ID`.', 118) id: number;
  @Id('The row that changed.') subjectId: string;
  @Data('The row as it is now; null when it is gone.', { id: '0193a5c2' }, { nullable: true })
  row: object | null;
}
