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

const Fact = () => (
  <>
    <SelectInput source="kind" choices={choices(INSIGHT_KINDS)} validate={required()} fullWidth />
    <TextInput
      source="text"
      label="Fact"
      validate={[required(), minLength(3), maxLength(INSIGHT_LIMITS.text)]}
      helperText="One or two sentences; agents that work on the repository are told. It is kept on one line"
      multiline
      fullWidth
    />
    <TextInput
      source="path"
      label="File"
      validate={maxLength(INSIGHT_LIMITS.path)}
      helperText="The file that it follows from, as src/week.ts: once that changes, the fact is stale. Empty: it is about all of the repository"
      fullWidth
    />
  </>
);

export const InsightCreate = () => (
  <Create redirect="show" title="Write a fact down">
    <SimpleForm defaultValues={{ kind: 'convention' }}>
      <ReferenceInput source="repositoryId" reference="repositories" sort={{ field: 'name', order: 'ASC' }}>
        <AutocompleteInput label="Repository" optionText="name" validate={required()} fullWidth />
      </ReferenceInput>
      <Fact />
    </SimpleForm>
  </Create>
);

export const InsightEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show">
    <EditForm>
      <Fact />
    </EditForm>
  </Edit>
);
