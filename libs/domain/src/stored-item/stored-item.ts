/** A value that agents store for later runs of a task, identified by namespace and key as in LangGraph's store. */
export interface StoredItem {
  taskId: string;
  /** Labels joined with dots. */
  namespace: string;
  key: string;
  value: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
}
