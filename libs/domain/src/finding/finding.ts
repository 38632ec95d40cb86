import type { FindingSeverity, FindingStatus } from '@teko/contracts';

/** A problem that a review found at one place of a change. Lines count from 1. */
export interface Finding {
  id: string;
  runId: string;
  taskId: string;
  changeId: string | null;
  repositoryId: string;
  path: string;
  startLine: number;
  endLine: number;
  severity: FindingSeverity;
  title: string;
  body: string;
  status: FindingStatus;
  createdAt: Date;
}
