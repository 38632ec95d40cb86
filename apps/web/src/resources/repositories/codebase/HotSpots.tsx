import { Box, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import type { Profile } from '../../../providers/http';
import { Section } from '../../../shared/Section';
import { bytes, dateTime } from '../../../shared/format';

/** Lists large files that change often. */
export const HotSpots = ({ profile: { hotSpots } }: { profile: Profile }) => (
  <Section title="Hot spots" hint="Large files that change often, based on the latest 1,000 commits">
    {(hotSpots ?? []).length === 0 ? (
      <Typography color="text.secondary">
        {hotSpots ? 'No file was changed more than once.' : 'Run the analysis to see hot spots.'}
      </Typography>
    ) : (
      <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label="Hot spots">
        <Table size="small">
          <TableHead>
            <TableRow>
              <TableCell>File</TableCell>
              <TableCell align="right">Commits</TableCell>
              <TableCell align="right">Authors</TableCell>
              <TableCell align="right">Size</TableCell>
              <TableCell>Last changed</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {(hotSpots ?? []).slice(0, 10).map(({ path, commits, authors, bytes: size, lastChangedAt }) => (
              <TableRow key={path}>
                <TableCell sx={{ fontFamily: 'monospace', fontSize: 12.5, overflowWrap: 'anywhere', minWidth: 180 }}>
                  {path}
                </TableCell>
                <TableCell align="right">{commits}</TableCell>
                <TableCell align="right">{authors}</TableCell>
                <TableCell align="right">{bytes(size)}</TableCell>
                <TableCell>{dateTime(lastChangedAt)}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
    )}
  </Section>
);
