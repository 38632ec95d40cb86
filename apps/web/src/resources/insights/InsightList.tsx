import { Box, Typography, useMediaQuery, type Theme } from '@mui/material';
import {
  CreateButton,
  DataTable,
  FilterButton,
  List,
  ReferenceField,
  SimpleList,
  TopToolbar,
  useListContext,
} from 'react-admin';
import type { Insight } from '../../providers/http';
import { insightFilters } from './insightFilters';
import { FilePath, InsightMarks, InsightAuthor } from './InsightMarks';
import { PurgeButton } from './PurgeButton';

const AUTHORS = { agent: 'agents', review: 'reviews', user: 'users' };

const Actions = () => {
  const { filterValues } = useListContext();
  const { repositoryId, source } = filterValues as Partial<Pick<Insight, 'repositoryId' | 'source'>>;
  return (
    <TopToolbar>
      {repositoryId && source && <PurgeButton {...{ repositoryId, source }} author={AUTHORS[source]} />}
      <FilterButton />
      <CreateButton />
    </TopToolbar>
  );
};

const Empty = () => {
  const { filterValues } = useListContext();
  return (
    <Typography sx={{ p: 2 }} color="text.secondary">
      {Object.keys(filterValues ?? {}).length > 0
        ? 'No insights match the filters.'
        : 'No insights yet. Agents add them while they work, and you can add your own.'}
    </Typography>
  );
};

const InsightCell = (insight: Insight) => (
  <Box sx={{ display: 'grid', gap: 0.5, minWidth: 220 }}>
    <Box component="span" sx={{ overflowWrap: 'anywhere' }}>
      {insight.text}
    </Box>
    <FilePath path={insight.path} />
    <InsightMarks insight={insight} />
  </Box>
);

export const InsightList = () => {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List
      filters={insightFilters}
      actions={<Actions />}
      sort={{ field: 'updatedAt', order: 'DESC' }}
      exporter={false}
      empty={false}
    >
      {small ? (
        <SimpleList<Insight>
          primaryText={(insight) => insight.text}
          secondaryText={(insight) => (
            <Box component="span" sx={{ display: 'grid', gap: 0.5 }}>
              <FilePath path={insight.path} />
              <InsightMarks insight={insight} />
            </Box>
          )}
          rowClick="show"
          empty={<Empty />}
        />
      ) : (
        <DataTable rowClick="show" bulkActionButtons={false} empty={<Empty />}>
          <DataTable.Col source="text" label="Insight" disableSort render={InsightCell} />
          <DataTable.Col source="repositoryId" label="Repository" disableSort>
            <ReferenceField source="repositoryId" reference="repositories" link="show" />
          </DataTable.Col>
          <DataTable.Col
            source="updatedAt"
            label="Last updated"
            render={(insight: Insight) => <InsightAuthor insight={insight} />}
          />
        </DataTable>
      )}
    </List>
  );
};
