import PushPinIcon from '@mui/icons-material/PushPin';
import { Box, Chip, Link, Typography } from '@mui/material';
import { Link as RouterLink } from 'react-router-dom';
import type { Insight } from '../../providers/http';
import { ago, dateTime, humanize } from '../../shared/format';

/** Shows the kind of an insight and whether it is pinned or stale. */
export const InsightMarks = ({ insight: { kind, pinned, staleAt } }: { insight: Insight }) => (
  <Box component="span" sx={{ display: 'inline-flex', gap: 0.5, flexWrap: 'wrap' }}>
    <Chip size="small" variant="outlined" label={humanize(kind)} />
    {pinned && <Chip size="small" variant="outlined" color="primary" icon={<PushPinIcon />} label="pinned" />}
    {staleAt && <Chip size="small" variant="outlined" color="warning" label={`stale since ${dateTime(staleAt)}`} />}
  </Box>
);

/** Shows the author of an insight and when it was last updated. */
export const InsightAuthor = ({ insight: { source, sourceId, author, updatedAt } }: { insight: Insight }) => (
  <Typography variant="body2" color="text.secondary" component="span" title={dateTime(updatedAt)}>
    {source === 'user' ? (
      author
    ) : (
      // In a list row the click would also open the insight.
      <Link component={RouterLink} to={`/runs/${sourceId}/show`} onClick={(event) => event.stopPropagation()}>
        {author}
      </Link>
    )}
    {source === 'review' && ' (review)'}, {ago(updatedAt)}
  </Typography>
);

export const FilePath = ({ path }: { path: string | null }) =>
  path === null ? null : (
    <Typography component="span" sx={{ fontFamily: 'monospace', fontSize: 12.5, overflowWrap: 'anywhere' }}>
      {path}
    </Typography>
  );
