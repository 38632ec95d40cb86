import { Box, LinearProgress, Typography, useMediaQuery, type Theme } from '@mui/material';
import { DataTable, List, SimpleList } from 'react-admin';
import type { Budget } from '../../providers/http';
import { cost } from '../../shared/format';

const PERIODS = { month: 'a month (UTC)', total: 'in all' };

/** `each repository`, `this task 0193…`, `everything`. */
const watched = ({ scope, scopeId }: Budget) =>
  scope === 'installation' ? 'everything' : scopeId ? `this ${scope}: ${scopeId}` : `each ${scope} on its own`;
const limit = (budget: Budget) => `${cost(budget.limitMicros)} ${PERIODS[budget.period]}`;

const Spent = ({ spentMicros, limitMicros }: Budget) => {
  if (spentMicros === null) return <Typography color="text.secondary">of each on its own</Typography>;
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
    No budget yet: models may cost what they cost.
  </Typography>
);

export const BudgetList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List sort={{ field: 'createdAt', order: 'DESC' }} exporter={false} empty={false}>
      {small ? (
        <SimpleList<Budget>
          primaryText={(budget) => `${limit(budget)} for ${watched(budget)}`}
          secondaryText={(budget) => <Spent {...budget} />}
          rowClick="edit"
          empty={<Empty />}
        />
      ) : (
        <DataTable rowClick="edit" bulkActionButtons={false} empty={<Empty />}>
          <DataTable.Col source="scope" label="For" render={watched} sx={{ overflowWrap: 'anywhere' }} />
          <DataTable.Col source="limitMicros" label="At most" render={limit} />
          <DataTable.Col
            source="spentMicros"
            label="Spent and put aside"
            disableSort
            render={(budget: Budget) => <Spent {...budget} />}
          />
        </DataTable>
      )}
    </List>
  );
};
