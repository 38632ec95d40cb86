import ForkRightIcon from '@mui/icons-material/ForkRight';
import HistoryIcon from '@mui/icons-material/History';
import PlayArrowIcon from '@mui/icons-material/PlayArrow';
import ReplayIcon from '@mui/icons-material/Replay';
import StopIcon from '@mui/icons-material/Stop';
import { isFinalRun } from '@teko/contracts';
import { TopToolbar, useRecordContext, useRedirect } from 'react-admin';
import type { Run } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { StartRunButton } from './StartRunButton';

const CREATE = { resource: 'runs', action: 'create' };
const EDIT = { resource: 'runs', action: 'edit' };

/** The actions on a run: cancel, retry, continue, fork and replay. */
export const RunActions = () => {
  const run = useRecordContext<Run>();
  const redirect = useRedirect();
  if (!run) return <TopToolbar />;
  const showRun = (response: unknown) => redirect('show', 'runs', (response as Run).id);
  if (!isFinalRun(run))
    return (
      <TopToolbar sx={{ flexWrap: 'wrap' }}>
        {run.status === 'waiting' && run.resumeAt && (
          <ActionButton
            label="Retry now"
            icon={<PlayArrowIcon />}
            path={`/runs/${run.id}/resume`}
            permission={EDIT}
            done="The run continues."
          />
        )}
        <ActionButton
          label="Cancel run"
          icon={<StopIcon />}
          path={`/runs/${run.id}/cancel`}
          permission={EDIT}
          confirm="The agent stops within seconds and no change is created. Its work so far is saved."
          done="The run is being cancelled."
        />
      </TopToolbar>
    );
  // A replay has no actions; use those of the original run.
  if (run.origin?.kind === 'replay') return <TopToolbar />;
  const retryPath = `/tasks/${run.taskId}/runs`;
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      {run.resumePoint && (
        <StartRunButton
          label="Continue"
          icon={<PlayArrowIcon />}
          path={`/runs/${run.id}/continue`}
          permission={CREATE}
          text="A new run continues the work of this one. You can add an instruction for the agent."
          onDone={showRun}
        />
      )}
      <ActionButton label="Retry" icon={<ReplayIcon />} path={retryPath} permission={CREATE} done="New run queued." />
      {run.turns > 0 && (
        <>
          <StartRunButton
            label="Fork"
            icon={<ForkRightIcon />}
            path={`/runs/${run.id}/fork`}
            permission={CREATE}
            turns={run.turns}
            text="A new run reuses the recorded responses before this turn. From there on it calls the model again, with another model or an instruction."
            onDone={showRun}
          />
          <ActionButton
            label="Replay"
            icon={<HistoryIcon />}
            path={`/runs/${run.id}/replay`}
            permission={CREATE}
            confirm="Runs again with the recorded model responses. No model is called and nothing is published. The replay shows the first turn that differs."
            done="Replay queued."
            onDone={showRun}
          />
        </>
      )}
    </TopToolbar>
  );
};
