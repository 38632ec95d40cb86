import { Box, Button, Card, CardContent, Typography } from '@mui/material';
import { useGetList, useNotify, useRefresh } from 'react-admin';
import { api, type Finding } from '../providers/http';
import { StatusChip } from './StatusChip';

/** Lists the findings of a review, with buttons to accept or dismiss each of them. */
export const FindingsList = ({ filter }: { filter: Record<string, string> }) => {
  const { data = [] } = useGetList<Finding>('findings', {
    filter,
    sort: { field: 'createdAt', order: 'ASC' },
    pagination: { page: 1, perPage: 100 },
  });
  const notify = useNotify();
  const refresh = useRefresh();
  const decide = (id: string, status: Finding['status']) =>
    api('PATCH', `/findings/${id}`, { status })
      .then(refresh)
      .catch((error: Error) => notify(error.message, { type: 'error' }));
  if (data.length === 0) return null;
  return (
    <Box component="section" aria-label="Findings" sx={{ display: 'grid', gap: 1 }}>
      <Typography variant="h6" component="h2">
        Findings
      </Typography>
      {data.map((finding) => (
        <Card key={finding.id} variant="outlined">
          <CardContent sx={{ display: 'grid', gap: 0.5 }}>
            <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
              <StatusChip value={finding.severity} />
              <Typography sx={{ fontWeight: 600 }}>{finding.title}</Typography>
              <Typography sx={{ fontFamily: 'monospace', fontSize: 13 }} color="text.secondary">
                {finding.path}:{finding.startLine}
                {finding.endLine > finding.startLine && `–${finding.endLine}`}
              </Typography>
            </Box>
            <Typography sx={{ whiteSpace: 'pre-wrap' }}>{finding.body}</Typography>
            {finding.status === 'open' ? (
              <Box>
                <Button size="small" onClick={() => void decide(finding.id, 'accepted')}>
                  Accept
                </Button>
                <Button size="small" color="inherit" onClick={() => void decide(finding.id, 'dismissed')}>
                  Dismiss
                </Button>
              </Box>
            ) : (
              <Box>
                <StatusChip value={finding.status} />
                <Button size="small" color="inherit" onClick={() => void decide(finding.id, 'open')}>
                  Reopen
                </Button>
              </Box>
            )}
          </CardContent>
        </Card>
      ))}
    </Box>
  );
};
