import type { Task, TaskRepository } from '@teko/domain';

const WAITS = 'Waits for task';

/** Why a task cannot begin before others are done; null where nothing holds it up. */
export async function blockedReason(task: Task, tasks: TaskRepository): Promise<string | null> {
  const found = await Promise.all((task.blockedBy ?? []).map((id) => tasks.findById(id)));
  // One that was deleted holds nothing up.
  const open = found.filter((blocker) => blocker !== null && blocker.status !== 'done');
  if (open.length === 0) return null;
  const names = open.map((blocker) => `${blocker!.number} (${blocker!.status.replace('_', ' ')})`);
  return `${WAITS} ${names.join(', ')}.`;
}

/** Whether other tasks are what a blocked one waits for, and not a fault of its own. */
export function waitsForTasks({ statusReason }: Task): boolean {
  return statusReason?.startsWith(WAITS) ?? false;
}
