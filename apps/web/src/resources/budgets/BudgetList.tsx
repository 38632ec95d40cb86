import { Box, LinearProgress, Typography, useMediaQuery, type Theme } from '@mui/material';
import { DataTable, List, SimpleList } from 'react-admin';
import type { Budget } from '../../providers/http';
import { cost } from '../../shared/format';

const PERIODS = { month: 'per month (UTC)', total: 'in total' };

/** Returns `each repository`, `task 0193…` or `all usage`. */
const scopeText = ({ scope, scopeId }: Budget) =>
  scope === 'installation' ? 'all usage' : scopeId ? `${scope} ${scopeId}` : `each ${scope}`;
const limitText = (budget: Budget) => `${cost(budget.limitMicros)} ${PERIODS[budget.period]}`;

const Spent = ({ spentMicros, limitMicros }: Budget) => {
  if (spentMicros === null) return <Typography color="text.secondary">tracked separately</Typography>;
  const share = limitMicros === 0 ? 100 : Math.min(100, (100 * spentMicros) / limitMicros);
  return (
    <Box sx={{ minWidth: 120 }}>
      {cost(spentMicros)}
      <LinearProgress
        role="meter"
        variant="determinate"
        value={share}
        color={share > 90 ? 'error' : 'primary'}
        aria-label={`${Math.round(share)} percent spent`}
      />
    </Box>
  );
};

const Empty = () => (
  <Typography sx={{ p: 2 }} color="text.secondary">
    No budgets yet. Model spending is not limited.
  </Typography>
);

export const BudgetList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List sort={{ field: 'createdAt', order: 'DESC' }} exporter={false} empty={false}>
      {small ? (
        <SimpleList<Budget>
          primaryText={(budget) => `${limitText(budget)} for ${scopeText(budget)}`}
          secondaryText={(budget) => <Spent {...budget} />}
          rowClick="edit"
          empty={<Empty />}
        />
      ) : (
        <DataTable rowClick="edit" bulkActionButtons={false} empty={<Empty />}>
          <DataTable.Col source="scope" label="Scope" render={scopeText} sx={{ overflowWrap: 'anywhere' }} />
          <DataTable.Col source="limitMicros" label="Limit" render={limitText} />
          <DataTable.Col
            source="spentMicros"
            label="Spent and reserved"
            disableSort
            render={(budget: Budget) => <Spent {...budget} />}
          />
        </DataTable>
      )}
    </List>
  );
};
