import { SUPPORTED_TASK_KINDS, TASK_PRIORITIES, TASK_STATUSES } from '@teko/contracts';
import { AutocompleteInput, ReferenceInput, SearchInput, SelectArrayInput, SelectInput } from 'react-admin';
import { humanize } from '../../shared/format';

export const choices = (values: readonly string[]) => values.map((id) => ({ id, name: humanize(id) }));

export const taskFilters = [
  <SearchInput key="q" source="q" alwaysOn />,
  <SelectArrayInput key="status" source="status" choices={choices(TASK_STATUSES)} alwaysOn sx={{ minWidth: 140 }} />,
  <SelectInput key="kind" source="kind" choices={choices(SUPPORTED_TASK_KINDS)} />,
  <SelectInput key="priority" source="priority" choices={choices(TASK_PRIORITIES)} />,
  <ReferenceInput
    key="repositoryId"
    source="repositoryId"
    reference="repositories"
    sort={{ field: 'name', order: 'ASC' }}
  >
    <AutocompleteInput label="Repository" optionText="name" />
  </ReferenceInput>,
];
