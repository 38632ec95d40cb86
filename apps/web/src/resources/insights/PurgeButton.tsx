import DeleteSweepIcon from '@mui/icons-material/DeleteSweep';
import { useGetList } from 'react-admin';
import type { Insight } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';

interface PurgeButtonProps {
  repositoryId: string;
  source: Insight['source'];
  /** The run or the user; without it all of that kind. */
  sourceId?: string;
  /** As people say it: `Run 12`, `reviews`. */
  writer: string;
  /** Told where the fact that is shown is gone too. */
  onDone?: () => void;
}

/** Deletes all that one source wrote about a repository, after it has said how much that is. */
export const PurgeButton = ({ repositoryId, source, sourceId, writer, onDone }: PurgeButtonProps) => {
  const { total } = useGetList<Insight>('insights', {
    filter: { repositoryId, source, ...(sourceId && { sourceId }) },
    pagination: { page: 1, perPage: 1 },
    sort: { field: 'updatedAt', order: 'DESC' },
  });
  if (!total) return null;
  const facts = total === 1 ? 'the one fact' : `all ${total} facts`;
  return (
    <ActionButton
      label={`Purge all by ${writer}`}
      icon={<DeleteSweepIcon />}
      path="/insights/purge"
      body={{ repositoryId, source, ...(sourceId && { sourceId }) }}
      permission={{ resource: 'insights', action: 'delete' }}
      confirm={`Delete ${facts} by ${writer} on this repository? Pinned ones go too, and nothing brings them back.`}
      done={`${total === 1 ? 'One fact is' : `${total} facts are`} deleted.`}
      onDone={onDone}
      isLast={onDone !== undefined}
    />
  );
};
