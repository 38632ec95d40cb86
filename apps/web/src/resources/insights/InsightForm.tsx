import { INSIGHT_KINDS, INSIGHT_LIMITS } from '@teko/contracts';
import {
  AutocompleteInput,
  Create,
  Edit,
  maxLength,
  minLength,
  ReferenceInput,
  required,
  SelectInput,
  SimpleForm,
  TextInput,
} from 'react-admin';
import { choices } from '../tasks/taskFilters';
import { EditForm } from '../../shared/EditForm';

const InsightInputs = () => (
  <>
    <SelectInput source="kind" choices={choices(INSIGHT_KINDS)} validate={required()} fullWidth />
    <TextInput
      source="text"
      label="Insight"
      validate={[required(), minLength(3), maxLength(INSIGHT_LIMITS.text)]}
      helperText="One or two sentences. Agents that work on the repository receive them. Line breaks are removed"
      multiline
      fullWidth
    />
    <TextInput
      source="path"
      label="File"
      validate={maxLength(INSIGHT_LIMITS.path)}
      helperText="The file it is based on, for example src/week.ts. When the file changes, the insight becomes stale. Leave empty if it applies to the whole repository"
      fullWidth
    />
  </>
);

export const InsightCreate = () => (
  <Create redirect="show">
    <SimpleForm defaultValues={{ kind: 'convention' }}>
      <ReferenceInput source="repositoryId" reference="repositories" sort={{ field: 'name', order: 'ASC' }}>
        <AutocompleteInput label="Repository" optionText="name" validate={required()} fullWidth />
      </ReferenceInput>
      <InsightInputs />
    </SimpleForm>
  </Create>
);

export const InsightEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show">
    <EditForm>
      <InsightInputs />
    </EditForm>
  </Edit>
);
