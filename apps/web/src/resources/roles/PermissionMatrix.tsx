import { Checkbox, Table, TableBody, TableCell, TableContainer, TableHead, TableRow } from '@mui/material';
import { ACTIONS, covers, SUBJECTS, type Permission } from '@teko/contracts';

/** Subjects that every user manages for themselves, whatever the roles. */
const OWN_SUBJECTS = ['Me', 'Session', 'Account', 'ApiToken'];
const ROWS = ['all', ...SUBJECTS.filter((subject) => !OWN_SUBJECTS.includes(subject))] as const;

interface PermissionMatrixProps {
  value: readonly Permission[];
  onChange?: (value: Permission[]) => void;
}

/** A table of subjects by actions; read-only without `onChange`. */
export const PermissionMatrix = ({ value, onChange }: PermissionMatrixProps) => {
  const toggle = (permission: Permission, on: boolean) =>
    onChange?.(on ? [...value, permission] : value.filter((other) => other !== permission));
  return (
    <TableContainer sx={{ width: '100%', maxWidth: 'calc(100vw - 48px)' }}>
      <Table size="small" aria-label="Permissions">
        <TableHead>
          <TableRow>
            <TableCell>Subject</TableCell>
            {ACTIONS.map((action) => (
              <TableCell key={action} align="center">
                {action}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {ROWS.map((subject) => (
            <TableRow key={subject}>
              <TableCell component="th" scope="row">
                {subject === 'all' ? 'everything' : subject}
              </TableCell>
              {ACTIONS.map((action) => {
                const permission: Permission = `${action}:${subject}`;
                const implied = !value.includes(permission) && covers(value, permission);
                return (
                  <TableCell key={action} align="center" padding="checkbox">
                    <Checkbox
                      size="small"
                      checked={implied || value.includes(permission)}
                      disabled={!onChange || implied}
                      onChange={(_, on) => toggle(permission, on)}
                      slotProps={{ input: { 'aria-label': `${action} ${subject}` } }}
                    />
                  </TableCell>
                );
              })}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
};
