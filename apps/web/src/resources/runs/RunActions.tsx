import ForkRightIcon from '@mui/icons-material/ForkRight';
import HistoryIcon from '@mui/icons-material/History';
import PlayArrowIcon from '@mui/icons-material/PlayArrow';
import ReplayIcon from '@mui/icons-material/Replay';
import StopIcon from '@mui/icons-material/Stop';
import { isFinalRun } from '@teko/contracts';
import { TopToolbar, useRecordContext, useRedirect } from 'react-admin';
import type { Run } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { AskButton } from './AskButton';

const CREATE = { resource: 'runs', action: 'create' };
const EDIT = { resource: 'runs', action: 'edit' };

/** What can be done with a run: stop it, try it again, go on with it, ask it differently, play it again. */
export const RunActions = () => {
  const run = useRecordContext<Run>();
  const redirect = useRedirect();
  if (!run) return <TopToolbar />;
  const open = (answer: unknown) => redirect('show', 'runs', (answer as Run).id);
  if (!isFinalRun(run))
    return (
      <TopToolbar sx={{ flexWrap: 'wrap' }}>
        {run.status === 'waiting' && run.resumeAt && (
          <ActionButton
            label="Try again now"
            icon={<PlayArrowIcon />}
            path={`/runs/${run.id}/resume`}
            permission={EDIT}
            done="The run goes on."
          />
        )}
        <ActionButton
          label="Cancel"
          icon={<StopIcon />}
          path={`/runs/${run.id}/cancel`}
          permission={EDIT}
          confirm="The agent stops within seconds. What it did so far is kept, but no change is made of it."
          done="The run is being stopped."
        />
      </TopToolbar>
    );
  // A replay is to be looked at: what comes next is done with the run that it plays.
  if (run.origin?.kind === 'replay') return <TopToolbar />;
  const retried = `/tasks/${run.taskId}/runs`;
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      {run.resumePoint && (
        <AskButton
          label="Continue"
          icon={<PlayArrowIcon />}
          path={`/runs/${run.id}/continue`}
          permission={CREATE}
          text="A new run goes on with the work of this one. You may tell the agent more."
          onDone={open}
        />
      )}
      <ActionButton
        label="Retry"
        icon={<ReplayIcon />}
        path={retried}
        permission={CREATE}
        done="A new run will start."
      />
      {run.turns > 0 && (
        <>
          <AskButton
            label="Fork"
            icon={<ForkRightIcon />}
            path={`/runs/${run.id}/fork`}
            permission={CREATE}
            turns={run.turns}
            text="A new run takes the answers before the turn from the record and asks the rest anew, of another model or with an instruction."
            onDone={open}
          />
          <ActionButton
            label="Replay"
            icon={<HistoryIcon />}
            path={`/runs/${run.id}/replay`}
            permission={CREATE}
            confirm="The run is played again with its recorded answers: no model is asked and nothing leaves Teko. It shows the first turn that goes otherwise."
            done="The replay is queued."
            onDone={open}
          />
        </>
      )}
    </TopToolbar>
  );
};
