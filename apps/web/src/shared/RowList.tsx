import { Box, Button, List, ListItem, ListItemText, Typography } from '@mui/material';
import type { ReactNode } from 'react';

interface Row {
  id: string;
  primary: ReactNode;
  secondary: string;
  /** Label of the button; without it there is no button. */
  action?: string;
}

export const RowList = ({ rows, empty, onAction }: { rows: Row[]; empty: string; onAction: (id: string) => void }) => {
  if (rows.length === 0) return <Typography color="text.secondary">{empty}</Typography>;
  return (
    <List disablePadding>
      {rows.map(({ id, primary, secondary, action }) => (
        <ListItem key={id} disableGutters divider sx={{ gap: 1, alignItems: 'flex-start' }}>
          <ListItemText primary={primary} secondary={secondary} sx={{ overflowWrap: 'anywhere', my: 0 }} />
          {action && (
            <Box>
              <Button color="error" onClick={() => onAction(id)}>
                {action}
              </Button>
            </Box>
          )}
        </ListItem>
      ))}
    </List>
  );
};
