import { Alert, Box, Card, CardContent, Link, Typography } from '@mui/material';
import { isFinalRun } from '@teko/contracts';
import { useEffect } from 'react';
import { ReferenceField, Show, useGetList, useRecordContext, useRefresh } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import type { Change, Run } from '../../providers/http';
import { useLiveRun } from '../../providers/live';
import { DiffView } from '../../shared/DiffView';
import { FindingsList } from '../../shared/FindingsList';
import { cost, duration, humanize } from '../../shared/format';
import { DemoChip, StatusChip } from '../../shared/StatusChip';
import { ApprovalCard } from './ApprovalCard';
import { EffectsCard } from './EffectsCard';
import { GateTable } from './GateTable';
import { RunActions } from './RunActions';
import { RunTimeline } from './RunTimeline';
import { WaitNotice } from './WaitNotice';

const SEVERITY: Record<string, 'success' | 'warning'> = { succeeded: 'success', cancelled: 'warning' };

const Detail = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <Box>
    <Typography variant="caption" color="text.secondary" component="dt">
      {name}
    </Typography>
    <Typography variant="body2" component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
      {children}
    </Typography>
  </Box>
);

const Summary = ({ run }: { run: Run }) => (
  <Box
    component="dl"
    sx={{
      m: 0,
      display: 'grid',
      gap: 2,
      gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', md: 'repeat(4, minmax(0, 1fr))' },
    }}
  >
    <Detail name="Task">
      <ReferenceField source="taskId" reference="tasks" link="show" />
    </Detail>
    <Detail name="Agent">{[run.agentType, run.language].filter(Boolean).join(', ')}</Detail>
    <Detail name="Model">{run.model ?? '–'}</Detail>
    <Detail name="Sandbox">{run.sandbox ?? '–'}</Detail>
    <Detail name="Turns">{run.turns}</Detail>
    <Detail name="Tokens">
      {run.inputTokens} in, {run.outputTokens} out
    </Detail>
    <Detail name="Cost">{cost(run.costMicros)}</Detail>
    <Detail name="Duration">{duration(run.startedAt, run.finishedAt)}</Detail>
  </Box>
);

const Details = ({ record }: { record: Run }) => {
  const live = useLiveRun(record.id);
  const run = live.run ?? record;
  const refresh = useRefresh();
  const statusChanged = run.status !== record.status;
  // The available actions depend on the loaded record.
  useEffect(() => {
    if (statusChanged) refresh();
  }, [statusChanged, refresh]);
  const { data: changes = [] } = useGetList<Change>('changes', {
    filter: { taskId: run.taskId },
    sort: { field: 'number', order: 'DESC' },
    pagination: { page: 1, perPage: 50 },
  });
  const change = changes.find(({ runId }) => runId === run.id) ?? (worksOnChange(run) ? changes[0] : undefined);
  return (
    <Box sx={{ p: 2, display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        <Typography variant="h5" component="h1">
          Run {run.number}
        </Typography>
        <StatusChip value={run.status} />
        {run.outcome && <StatusChip value={run.outcome} />}
        <DemoChip />
      </Box>
      <WaitNotice run={run} />
      {run.outcomeDetail && run.status !== 'waiting' && (
        <Alert severity={SEVERITY[run.status] ?? 'error'}>{run.outcomeDetail}</Alert>
      )}
      {run.sandbox === 'unsafe-host' && (
        <Alert severity="warning">This run executed on the host without a sandbox (TEKO_SANDBOX=unsafe-host).</Alert>
      )}
      <Typography variant="body2" color="text.secondary">
        {!run.origin && 'Agent selection: '}
        {run.reason}
        {run.origin && (
          <>
            {' '}
            <Link component={RouterLink} to={`/runs/${run.origin.runId}/show`}>
              View run
            </Link>
          </>
        )}
      </Typography>
      {run.origin?.instruction && (
        <Typography variant="body2" color="text.secondary" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          Instruction: {run.origin.instruction}
        </Typography>
      )}
      <Summary run={run} />
      {change && (
        <Typography>
          <Link component={RouterLink} to={`/changes/${change.id}/show`}>
            Change {change.number}
          </Link>{' '}
          {change.title} ({change.branch})
        </Typography>
      )}
      {run.gate && <GateTable gate={run.gate as never} />}
      {run.status === 'waiting' && <ApprovalCard runId={run.id} />}
      <EffectsCard run={run} />
      <FindingsList filter={{ runId: run.id }} />
      <Card component="section" aria-label="Timeline">
        <CardContent>
          <Typography variant="h6" component="h2" gutterBottom>
            Timeline{' '}
            {!isFinalRun(run) && (
              <StatusChip value={live.connected ? humanize(run.phase ?? run.status) : 'connecting'} />
            )}
          </Typography>
          <RunTimeline steps={live.steps} />
        </CardContent>
      </Card>
      {change && (
        <Box component="section" aria-label="Diff">
          <Typography variant="h6" component="h2" gutterBottom>
            Diff
          </Typography>
          <DiffView path={`/changes/${change.id}/diff`} />
        </Box>
      )}
    </Box>
  );
};

/** Whether the run may have updated the change of an earlier run of its task. */
const worksOnChange = ({ origin, outcome }: Run) =>
  origin?.kind === 'follow_up' || (outcome === 'gate_green' && origin?.kind !== 'replay');

const LoadedDetails = () => {
  const record = useRecordContext<Run>();
  return record ? <Details key={record.id} record={record} /> : null;
};

const Title = () => {
  const run = useRecordContext<Run>();
  return <>{run && `Run ${run.number}`}</>;
};

export const RunShow = () => (
  <Show actions={<RunActions />} title={<Title />}>
    <LoadedDetails />
  </Show>
);
