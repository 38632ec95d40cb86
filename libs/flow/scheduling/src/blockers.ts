import type { Task, TaskRepository } from '@teko/domain';

/** Stored in `statusReason`, where `waitsForTasks` recognises it. */
const WAITING_PREFIX = 'Waits for task';

/** Returns why a task has to wait for other tasks, or null if none blocks it. */
export async function blockedReason(task: Task, tasks: TaskRepository): Promise<string | null> {
  const blockers = await Promise.all((task.blockedBy ?? []).map((id) => tasks.findById(id)));
  // A deleted task does not block.
  const open = blockers.filter((blocker) => blocker !== null && blocker.status !== 'done');
  if (open.length === 0) return null;
  const names = open.map((blocker) => `${blocker!.number} (${blocker!.status.replace('_', ' ')})`);
  return `${WAITING_PREFIX} ${names.join(', ')}.`;
}

/** Returns true if a blocked task waits for other tasks, and not because of a problem with the task itself. */
export function waitsForTasks({ statusReason }: Task): boolean {
  return statusReason?.startsWith(WAITING_PREFIX) ?? false;
}
