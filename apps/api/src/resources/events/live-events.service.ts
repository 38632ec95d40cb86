import { HttpException, HttpStatus, Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { EventType, Subject } from '@teko/contracts';
import { EventBus, EventRepository, RunRepository, StepRepository } from '@teko/domain';
import { AccessService, isAllowedOn, readableRepositoryIds, type Identity } from '@teko/identity';
import type { Request, Response } from 'express';
import { toRunDto, toStepDto } from '../runs/run.dto';
import { EventRows } from './event-rows.service';

const BATCH = 200;
/** Maximum delay of an event if a notification is missed. */
const POLL_INTERVAL_MS = 5_000;
const HEARTBEAT_INTERVAL_MS = 15_000;
/** Each stream reads the event log regularly, and a browser needs one per page. */
const MAX_STREAMS_PER_USER = 50;

/** Subject that a client must be allowed to read to receive an event. */
const SUBJECT: Record<EventType, Subject> = {
  repository: 'Repository',
  task: 'Task',
  comment: 'Comment',
  run: 'Run',
  step: 'Step',
  change: 'Change',
  finding: 'Finding',
  insight: 'Insight',
};

interface Message {
  type: EventType;
  subjectId: string;
  row: object | null;
}

/** Streams the event log as Server-Sent Events. Each message contains the current row. A client that reconnects misses nothing. */
@Injectable()
export class LiveEvents implements OnModuleDestroy {
  /** The functions that end the open streams, with the id of their user. */
  private readonly open = new Map<() => void, string>();

  constructor(
    @Inject(EventRepository) private readonly log: EventRepository,
    @Inject(EventBus) private readonly bus: EventBus,
    @Inject(EventRows) private readonly rows: EventRows,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(StepRepository) private readonly steps: StepRepository,
    @Inject(AccessService) private readonly access: AccessService,
  ) {}

  /** Number of open streams in this process. */
  get streams(): number {
    return this.open.size;
  }

  onModuleDestroy(): void {
    for (const end of [...this.open.keys()]) end();
  }

  /** Serves one client until it disconnects, loses access, or the process ends. */
  async stream(
    request: Request,
    response: Response,
    { identity, runId }: { identity: Identity; runId?: string },
  ): Promise<void> {
    const lastEventId = lastEventIdOf(request);
    // Read before the response starts, so that the client misses nothing once the stream is open.
    let cursor = lastEventId ?? (await this.log.latestId());
    if (response.destroyed) return;
    this.requireFewStreams(identity.user.id);
    const wake = new WakeUp();
    let ended = false;
    const end = () => {
      ended = true;
      wake.call();
    };
    const unsubscribe = this.bus.subscribe(() => wake.call());
    this.open.set(end, identity.user.id);
    response.once('close', end);
    try {
      start(response);
      if (runId && lastEventId === null) response.write(await this.snapshotOf(runId, identity, cursor));
      else response.write(`id: ${cursor}\n\n`);
      let lastWrite = Date.now();
      while (!ended) {
        wake.reset();
        const caller = await this.access.refresh(identity);
        if (!caller) break;
        const within = readableRepositoryIds(caller.ability, 'Run');
        const events = await this.log.findAfter(cursor, { runId, within }, BATCH);
        for (const event of latestPerRow(events)) {
          if (ended) break;
          if (!isAllowedOn(caller.ability, 'read', SUBJECT[event.type], event.repositoryId)) continue;
          const row = await this.rows.find(event);
          await write(response, message({ ...event, row }, event.id, true));
        }
        cursor = events.at(-1)?.id ?? cursor;
        if (events.length > 0) lastWrite = Date.now();
        else if (Date.now() - lastWrite >= HEARTBEAT_INTERVAL_MS) {
          await write(response, ': heartbeat\n\n');
          lastWrite = Date.now();
        }
        if (events.length < BATCH && !ended) await wake.wait(POLL_INTERVAL_MS);
      }
    } finally {
      unsubscribe();
      this.open.delete(end);
      response.end();
    }
  }

  private requireFewStreams(userId: string): void {
    const own = [...this.open.values()].filter((id) => id === userId).length;
    if (own >= MAX_STREAMS_PER_USER)
      throw new HttpException('You have too many open event streams. Close some first.', HttpStatus.TOO_MANY_REQUESTS);
  }

  /** Returns the messages that a new client of a run gets first: the run and its steps. */
  private async snapshotOf(runId: string, { ability }: Identity, cursor: number): Promise<string> {
    const run = await this.runs.findById(runId);
    const canReadSteps = run !== null && isAllowedOn(ability, 'read', 'Step', run.repositoryId);
    const messages: Message[] = [
      { type: 'run', subjectId: runId, row: run && toRunDto(run) },
      ...(canReadSteps ? await this.steps.findByRun(runId) : []).map((row) => ({
        type: 'step' as const,
        subjectId: row.id,
        row: toStepDto(row),
      })),
    ];
    // Only the last message has an id: a client that is disconnected earlier gets the whole snapshot again.
    return messages.map((item, index) => message(item, cursor, index === messages.length - 1)).join('');
  }
}

/** A wait that can be interrupted, also by a call before it starts. */
class WakeUp {
  private called = false;
  private resolve: (() => void) | null = null;

  reset(): void {
    this.called = false;
  }

  call(): void {
    this.called = true;
    this.resolve?.();
  }

  wait(ms: number): Promise<void> {
    if (this.called) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function lastEventIdOf(request: Request): number | null {
  const header = request.headers['last-event-id'];
  const id = Number(header);
  return header && Number.isSafeInteger(id) && id >= 0 ? id : null;
}

function start(response: Response): void {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  response.write('retry: 2000\n\n');
}

function message({ type, subjectId, row }: Message, id: number, resumable: boolean): string {
  const data = JSON.stringify({ type, id, subjectId, row });
  return `${resumable ? `id: ${id}\n` : ''}event: ${type}\ndata: ${data}\n\n`;
}

/** Returns only the last event of each row. */
function latestPerRow<T extends { type: string; subjectId: string }>(events: T[]): T[] {
  const last = new Map(events.map((event, index) => [`${event.type}:${event.subjectId}`, index]));
  return events.filter((event, index) => last.get(`${event.type}:${event.subjectId}`) === index);
}

/** Writes with backpressure: waits for a slow client instead of buffering. */
async function write(response: Response, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
