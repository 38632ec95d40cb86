import { EVENT_TYPES, type EventType } from '@teko/contracts';
import { Data, Id, Num, OneOf } from '../../http/fields';

const ROW = { id: '0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11', number: 12, status: 'running' };

/** The data of one Server-Sent Event. */
export class LiveEventDto {
  @OneOf(EVENT_TYPES, 'What changed; also the name of the SSE event.', { example: 'task' }) type: EventType;
  @Num('ID of the event; resume with `Last-Event-ID`.', 118) id: number;
  @Id('ID of the object that changed.') subjectId: string;
  @Data('The current object; null if it was deleted.', ROW, { nullable: true })
  row: object | null;
}
