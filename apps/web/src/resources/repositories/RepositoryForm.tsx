import {
  Create,
  Edit,
  maxValue,
  minValue,
  NumberInput,
  regex,
  required,
  SelectInput,
  SimpleForm,
  TextInput,
  useRecordContext,
} from 'react-admin';
import type { Repository } from '../../providers/http';
import { EditForm } from '../../shared/EditForm';

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
  <Edit mutationMode="pessimistic" redirect="show">
    <EditForm>
      <TextInput source="name" validate={required()} fullWidth />
      <IntakeLabel />
      <SelectInput
        source="approvalRule"
        label="Changes that require approval"
        helperText="Risky changes touch CI, dependencies or lock files. Changes to CI files always need approval."
        choices={[
          { id: 'never', name: 'none except CI files' },
          { id: 'risky', name: 'risky' },
          { id: 'always', name: 'all' },
        ]}
        validate={required()}
        fullWidth
      />
      <SelectInput
        source="approvers"
        label="Approvers"
        choices={[
          { id: 'anyone', name: 'anyone with the permission' },
          { id: 'others', name: 'anyone with the permission except the requester' },
        ]}
        validate={required()}
        fullWidth
      />
      <SelectInput
        source="planRule"
        label="Plans that require approval"
        helperText="The agent proposes a plan and changes nothing until it is approved"
        choices={[
          { id: 'never', name: 'none' },
          { id: 'always', name: 'all' },
        ]}
        validate={required()}
        fullWidth
      />
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
