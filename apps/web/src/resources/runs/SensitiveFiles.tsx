import { Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import type { Approval } from '../../providers/http';
import { visiblePath } from '../../shared/visible-path';

/** Lists the files of a change that need approval, each with the reason. Old approvals have no list. */
export const SensitiveFiles = ({ approval: { sensitiveFiles } }: { approval: Approval }) => {
  if (!sensitiveFiles?.length) return null;
  return (
    <Table size="small" aria-label="Sensitive files" sx={{ '& td, & th': { overflowWrap: 'anywhere', px: 1 } }}>
      <TableHead>
        <TableRow>
          <TableCell>Sensitive file</TableCell>
          <TableCell>Why it needs approval</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {sensitiveFiles.map(({ path, reason }) => (
          <TableRow key={path}>
            <TableCell sx={{ fontFamily: 'monospace', fontSize: 13, verticalAlign: 'top', width: '45%' }}>
              {visiblePath(path)}
            </TableCell>
            <TableCell>
              <Typography variant="body2">{reason}</Typography>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
};
