/** Something that agents keep for later runs of a task, as LangGraph's store keeps it: a value under labels and a key. */
export interface StoredItem {
  taskId: string;
  /** Labels with a dot between them. */
  namespace: string;
  key: string;
  value: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
}
