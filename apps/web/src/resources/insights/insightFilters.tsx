import { INSIGHT_KINDS, INSIGHT_SOURCES } from '@teko/contracts';
import { AutocompleteInput, ReferenceInput, SearchInput, SelectArrayInput, SelectInput, TextInput } from 'react-admin';
import { choices } from '../tasks/taskFilters';

const yesOrNo = (yes: string, no: string) => [
  { id: 'true', name: yes },
  { id: 'false', name: no },
];

export const insightFilters = [
  <SearchInput key="q" source="q" alwaysOn />,
  <ReferenceInput
    key="repositoryId"
    source="repositoryId"
    reference="repositories"
    sort={{ field: 'name', order: 'ASC' }}
    alwaysOn
  >
    <AutocompleteInput label="Repository" optionText="name" />
  </ReferenceInput>,
  <SelectInput key="source" source="source" label="Author" choices={choices(INSIGHT_SOURCES)} alwaysOn />,
  <SelectArrayInput key="kind" source="kind" choices={choices(INSIGHT_KINDS)} sx={{ minWidth: 140 }} />,
  <SelectInput key="stale" source="stale" label="Stale" choices={yesOrNo('stale', 'current')} />,
  <SelectInput key="pinned" source="pinned" label="Pinned" choices={yesOrNo('pinned', 'not pinned')} />,
  <TextInput key="sourceId" source="sourceId" label="Run or user ID" />,
];
