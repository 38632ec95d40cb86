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
      helperText="One line: what is wrong, or what is wanted"
      fullWidth
    />
    <TextInput
      source="description"
      validate={maxLength(TASK_LIMITS.description)}
      helperText="What the agent should know: how to see it, what is expected, where to look"
      multiline
      minRows={6}
      fullWidth
    />
    <SelectInput source="priority" choices={choices(TASK_PRIORITIES)} validate={required()} />
    <TextInput
      source="baseBranch"
      validate={maxLength(TASK_LIMITS.branch)}
      helperText="Empty: the default branch"
      parse={(value: string) => value || null}
      fullWidth
    />
    <FormDataConsumer<Task>>{({ formData }) => <Blockers repositoryId={formData.repositoryId} />}</FormDataConsumer>
    <BooleanInput
      source="allowTestChanges"
      label="Existing tests may be altered"
      helperText="Else a result that passes only with altered tests is refused"
    />
  </>
);

/** Others of the same repository. */
const Blockers = ({ repositoryId }: { repositoryId?: string }) =>
  repositoryId ? (
    <ReferenceArrayInput
      source="blockedBy"
      reference="tasks"
      filter={{ repositoryId }}
      sort={{ field: 'number', order: 'DESC' }}
    >
      <AutocompleteArrayInput
        label="Tasks that have to be done first"
        optionText={(task: Task) => `${task.number}: ${task.title}`}
        filterToQuery={(q: string) => ({ q })}
        fullWidth
      />
    </ReferenceArrayInput>
  ) : null;

export const TaskCreate = () => (
  <Create redirect="show" title="Write a task">
    <SimpleForm defaultValues={{ kind: 'implement', priority: 'normal', allowTestChanges: false, planFirst: false }}>
      <ReferenceInput source="repositoryId" reference="repositories" sort={{ field: 'name', order: 'ASC' }}>
        <AutocompleteInput label="Repository" optionText="name" validate={required()} fullWidth />
      </ReferenceInput>
      <TaskInputs />
      <BooleanInput
        source="planFirst"
        label="Plan first"
        helperText="The agent says what it will do, and changes nothing before somebody has approved it"
      />
    </SimpleForm>
  </Create>
);

export const TaskEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show" title="Change the task">
    <EditForm>
      <TaskInputs />
    </EditForm>
  </Edit>
);
