import {
  Create,
  Edit,
  maxValue,
  minValue,
  NumberInput,
  regex,
  required,
  SimpleForm,
  TextInput,
  useRecordContext,
} from 'react-admin';
import type { Repository } from '../../providers/http';
import { EditForm } from '../../shared/EditForm';
import { RuleInputs, withoutEmptyPatterns } from './RuleInputs';

export const RepositoryCreate = () => (
  <Create redirect="show">
    <SimpleForm>
      <TextInput source="name" validate={required()} helperText="Name of the repository in Teko" fullWidth />
      <TextInput
        source="url"
        label="Git URL or path"
        validate={required()}
        helperText="An HTTPS or SSH URL without a password, or an absolute path on this host"
        fullWidth
      />
    </SimpleForm>
  </Create>
);

export const RepositoryEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show" transform={withoutEmptyPatterns}>
    <EditForm>
      <TextInput source="name" validate={required()} fullWidth />
      <IntakeLabel />
      <RuleInputs />
      <NumberInput
        source="weight"
        label="Scheduling weight"
        helperText="Relative to other repositories: weight 3 gets three times as many worker slots as weight 1"
        validate={[required(), minValue(1), maxValue(100)]}
        min={1}
        max={100}
      />
    </EditForm>
  </Edit>
);

const LABEL_PATTERN = /^[^,]{1,50}$/;

/** The issue label that creates a task; GitHub repositories only. */
const IntakeLabel = () => {
  const record = useRecordContext<Repository>();
  if (record?.forge !== 'github') return null;
  return (
    <TextInput
      source="intakeLabel"
      label="Issue label"
      helperText="When a user with write access adds it to an issue, Teko creates a task"
      validate={[required(), regex(LABEL_PATTERN, 'At most 50 characters, no commas')]}
      fullWidth
    />
  );
};
