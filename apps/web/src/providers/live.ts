import { useQueryClient } from '@tanstack/react-query';
import { EVENT_TYPES, type EventType } from '@teko/contracts';
import { useEffect, useState } from 'react';
import type { Run, Step } from './http';

const RESOURCE: Record<EventType, string> = {
  repository: 'repositories',
  task: 'tasks',
  comment: 'comments',
  run: 'runs',
  step: 'runs',
  change: 'changes',
  finding: 'findings',
  insight: 'insights',
};
const DEBOUNCE_MS = 400;

/** Refetches resources that changed on the server. Events within `DEBOUNCE_MS` cause one refetch. */
export function useLiveRefresh(): void {
  const client = useQueryClient();
  useEffect(() => {
    const source = new EventSource('/api/v1/events');
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      for (const resource of [...stale, 'dashboard']) void client.invalidateQueries({ queryKey: [resource] });
      stale.clear();
    };
    const refreshOn = (name: string, resources: string[]) =>
      source.addEventListener(name, () => {
        for (const resource of resources) stale.add(resource);
        timer ??= setTimeout(refresh, DEBOUNCE_MS);
      });
    // Changes between the first fetch and the opening of the stream have no event.
    refreshOn('open', Object.values(RESOURCE));
    for (const type of EVENT_TYPES) if (type !== 'step') refreshOn(type, [RESOURCE[type]]);
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [client]);
}

export interface LiveRun {
  run: Run | null;
  steps: Step[];
  /** Whether the stream is open; false while the browser reconnects. */
  connected: boolean;
}

/** Returns a run and its steps, updated live. The server sends the existing steps first. */
export function useLiveRun(runId: string): LiveRun {
  const [state, setState] = useState<LiveRun>({ run: null, steps: [], connected: false });
  useEffect(() => {
    const source = new EventSource(`/api/v1/runs/${runId}/events`);
    source.addEventListener('open', () => setState((previous) => ({ ...previous, connected: true })));
    source.addEventListener('error', () => setState((previous) => ({ ...previous, connected: false })));
    source.addEventListener('run', (event) => {
      const { row } = JSON.parse((event as MessageEvent<string>).data) as { row: Run | null };
      if (row) setState((previous) => ({ ...previous, run: row }));
    });
    source.addEventListener('step', (event) => {
      const { row } = JSON.parse((event as MessageEvent<string>).data) as { row: Step | null };
      if (row) setState((previous) => ({ ...previous, steps: withStep(previous.steps, row) }));
    });
    return () => source.close();
  }, [runId]);
  return state;
}

function withStep(steps: Step[], step: Step): Step[] {
  return [...steps.filter(({ id }) => id !== step.id), step].sort((a, b) => a.seq - b.seq);
}
