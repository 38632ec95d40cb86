import DeleteSweepIcon from '@mui/icons-material/DeleteSweep';
import { useGetList } from 'react-admin';
import type { Insight } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';

interface PurgeButtonProps {
  repositoryId: string;
  source: Insight['source'];
  /** ID of the run or user; without it, all insights of the source are deleted. */
  sourceId?: string;
  /** Display name of the author: `Run 12`, `reviews`. */
  author: string;
  /** Called after success if the insight on the screen was deleted too. */
  onDone?: () => void;
}

/** Deletes all insights of one author on a repository, after a confirmation that shows their number. */
export const PurgeButton = ({ repositoryId, source, sourceId, author, onDone }: PurgeButtonProps) => {
  const { total } = useGetList<Insight>('insights', {
    filter: { repositoryId, source, ...(sourceId && { sourceId }) },
    pagination: { page: 1, perPage: 1 },
    sort: { field: 'updatedAt', order: 'DESC' },
  });
  if (!total) return null;
  const insights = total === 1 ? 'one insight' : `all ${total} insights`;
  return (
    <ActionButton
      label={`Delete all by ${author}`}
      icon={<DeleteSweepIcon />}
      path="/insights/purge"
      body={{ repositoryId, source, ...(sourceId && { sourceId }) }}
      permission={{ resource: 'insights', action: 'delete' }}
      confirm={`Delete ${insights} by ${author} on this repository? This includes pinned insights and cannot be undone.`}
      done={`${total === 1 ? 'One insight' : `${total} insights`} deleted.`}
      onDone={onDone}
      deletesRecord={onDone !== undefined}
    />
  );
};
