import PushPinIcon from '@mui/icons-material/PushPin';
import { Box, Chip, Link, Typography } from '@mui/material';
import { Link as RouterLink } from 'react-router-dom';
import type { Insight } from '../../providers/http';
import { ago, dateTime, words } from '../../shared/format';

/** What kind of fact it is, whether it is pinned, and whether it still holds. */
export const InsightMarks = ({ insight: { kind, pinned, staleAt } }: { insight: Insight }) => (
  <Box component="span" sx={{ display: 'inline-flex', gap: 0.5, flexWrap: 'wrap' }}>
    <Chip size="small" variant="outlined" label={words(kind)} />
    {pinned && <Chip size="small" variant="outlined" color="primary" icon={<PushPinIcon />} label="pinned" />}
    {staleAt && <Chip size="small" variant="outlined" color="warning" label={`stale since ${dateTime(staleAt)}`} />}
  </Box>
);

/** Who wrote it down, and when. */
export const WrittenBy = ({ insight: { source, sourceId, author, updatedAt } }: { insight: Insight }) => (
  <Typography variant="body2" color="text.secondary" component="span" title={dateTime(updatedAt)}>
    {source === 'user' ? (
      author
    ) : (
      // In a row of a list a click would go on to the fact.
      <Link component={RouterLink} to={`/runs/${sourceId}/show`} onClick={(event) => event.stopPropagation()}>
        {author}
      </Link>
    )}
    {source === 'review' && ', a review'}, {ago(updatedAt)}
  </Typography>
);

export const FilePath = ({ path }: { path: string | null }) =>
  path === null ? null : (
    <Typography component="span" sx={{ fontFamily: 'monospace', fontSize: 12.5, overflowWrap: 'anywhere' }}>
      {path}
    </Typography>
  );
