import { TASK_LIMITS, TASK_PRIORITIES } from '@teko/contracts';
import {
  AutocompleteArrayInput,
  AutocompleteInput,
  BooleanInput,
  Create,
  Edit,
  FormDataConsumer,
  maxLength,
  ReferenceArrayInput,
  ReferenceInput,
  required,
  SelectInput,
  SimpleForm,
  TextInput,
} from 'react-admin';
import type { Task } from '../../providers/http';
import { choices } from './taskFilters';
import { EditForm } from '../../shared/EditForm';

const TaskInputs = () => (
  <>
    <TextInput
      source="title"
      validate={[required(), maxLength(TASK_LIMITS.title)]}
      helperText="One line that states the problem or the request"
      fullWidth
    />
    <TextInput
      source="description"
      validate={maxLength(TASK_LIMITS.description)}
      helperText="What the agent needs to know: how to reproduce it, the expected behaviour, where to look"
      multiline
      minRows={6}
      fullWidth
    />
    <SelectInput source="priority" choices={choices(TASK_PRIORITIES)} validate={required()} />
    <TextInput
      source="baseBranch"
      validate={maxLength(TASK_LIMITS.branch)}
      helperText="Leave empty to use the default branch"
      parse={(value: string) => value || null}
      fullWidth
    />
    <FormDataConsumer<Task>>{({ formData }) => <Blockers repositoryId={formData.repositoryId} />}</FormDataConsumer>
    <BooleanInput
      source="allowTestChanges"
      label="Allow changes to existing tests"
      helperText="If off, a result that passes only with changed tests is rejected"
    />
    <BooleanInput
      source="isBug"
      label="Reports a bug"
      helperText="If on, a test must fail before the change and pass after it"
    />
  </>
);

/** Selects tasks of the same repository that must be done first. */
const Blockers = ({ repositoryId }: { repositoryId?: string }) =>
  repositoryId ? (
    <ReferenceArrayInput
      source="blockedBy"
      reference="tasks"
      filter={{ repositoryId }}
      sort={{ field: 'number', order: 'DESC' }}
    >
      <AutocompleteArrayInput
        label="Blocked by"
        optionText={(task: Task) => `${task.number}: ${task.title}`}
        filterToQuery={(q: string) => ({ q })}
        fullWidth
      />
    </ReferenceArrayInput>
  ) : null;

export const TaskCreate = () => (
  <Create redirect="show">
    <SimpleForm
      defaultValues={{ kind: 'implement', priority: 'normal', allowTestChanges: false, isBug: false, planFirst: false }}
    >
      <ReferenceInput source="repositoryId" reference="repositories" sort={{ field: 'name', order: 'ASC' }}>
        <AutocompleteInput label="Repository" optionText="name" validate={required()} fullWidth />
      </ReferenceInput>
      <TaskInputs />
      <BooleanInput
        source="planFirst"
        label="Require a plan"
        helperText="The agent proposes a plan and changes nothing until it is approved"
      />
    </SimpleForm>
  </Create>
);

export const TaskEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show">
    <EditForm>
      <TaskInputs />
    </EditForm>
  </Edit>
);
