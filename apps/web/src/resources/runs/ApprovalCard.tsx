import { Alert, Box, Button, Card, CardContent, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { useCanAccess, useGetList, useNotify, useRecordContext, useRefresh } from 'react-admin';
import { api, type Approval } from '../../providers/http';
import { DiffView } from '../../shared/DiffView';
import { Markdown } from '../../shared/Markdown';
import { SensitiveFiles } from './SensitiveFiles';

/** Asks to approve or reject the plan or the change of a run, with the reasons and the diff. */
export const ApprovalCard = ({ runId }: { runId: string }) => {
  const { data = [] } = useGetList<Approval>('approvals', {
    filter: { runId, status: 'pending' },
    sort: { field: 'createdAt', order: 'DESC' },
    pagination: { page: 1, perPage: 1 },
  });
  const [approval] = data;
  if (!approval) return null;
  return (
    <Card component="section" aria-label="Approval">
      <CardContent sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <Typography variant="h6" component="h2">
          {approval.kind === 'plan' ? 'Approve this plan?' : `Approve this change? ${approval.title}`}
        </Typography>
        {approval.reasons.map((reason) => (
          <Alert key={reason} severity="warning" sx={{ overflowWrap: 'anywhere' }}>
            {reason}
          </Alert>
        ))}
        <SensitiveFiles approval={approval} />
        {approval.kind === 'plan' ? (
          <Plan approval={approval} />
        ) : (
          <DiffView path={`/approvals/${approval.id}/diff`} notes={approval.sensitiveFiles ?? []} />
        )}
        <Decision approval={approval} />
      </CardContent>
    </Card>
  );
};

const Plan = ({ approval }: { approval: Approval }) => (
  <Box>
    <Markdown>{approval.text ?? ''}</Markdown>
    <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
      Files: {(approval.files ?? []).join(', ')}
    </Typography>
  </Box>
);

const Decision = ({ approval }: { approval: Approval }) => {
  const record = useRecordContext();
  const { canAccess } = useCanAccess({ resource: 'runs', action: 'approve', record });
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const notify = useNotify();
  const refresh = useRefresh();
  if (!canAccess) return <Typography color="text.secondary">Waiting for a user with permission to approve.</Typography>;
  const decide = async (decision: 'approved' | 'rejected') => {
    setBusy(true);
    const { runId, subjectHash } = approval;
    await api('POST', `/runs/${runId}/approval`, { decision, subjectHash, note }).then(
      () => notify(decision === 'approved' ? 'Approved. The run continues.' : 'Rejected.'),
      (error: Error) => notify(error.message, { type: 'error' }),
    );
    setBusy(false);
    refresh();
  };
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <TextField label="Note" value={note} onChange={(event) => setNote(event.target.value)} multiline fullWidth />
      <Box sx={{ display: 'flex', gap: 1 }}>
        <Button variant="contained" disabled={busy} onClick={() => void decide('approved')}>
          Approve
        </Button>
        <Button variant="outlined" color="error" disabled={busy} onClick={() => void decide('rejected')}>
          Reject
        </Button>
      </Box>
    </Box>
  );
};
