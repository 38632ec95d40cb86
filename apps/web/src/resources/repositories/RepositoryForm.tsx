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
  <Create redirect="show" title="Add a repository">
    <SimpleForm>
      <TextInput source="name" validate={required()} helperText="What it is called here" fullWidth />
      <TextInput
        source="url"
        label="Path or git URL"
        validate={required()}
        helperText="An absolute path on this host, or an https or ssh address without a password"
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
        label="Changes that wait for an approval"
        helperText="Risky: they touch CI, dependencies or lock files"
        choices={[
          { id: 'never', name: 'none' },
          { id: 'risky', name: 'risky ones' },
          { id: 'always', name: 'all' },
        ]}
        validate={required()}
        fullWidth
      />
      <SelectInput
        source="approvers"
        label="Who may approve"
        choices={[
          { id: 'anyone', name: 'anyone with the permission' },
          { id: 'others', name: 'not who asked for the work' },
        ]}
        validate={required()}
        fullWidth
      />
      <SelectInput
        source="planRule"
        label="Plans that wait for an approval"
        helperText="The agent says what it will do, and changes nothing before somebody has approved it"
        choices={[
          { id: 'never', name: 'none' },
          { id: 'always', name: 'all' },
        ]}
        validate={required()}
        fullWidth
      />
      <NumberInput
        source="weight"
        label="Share of the workers"
        helperText="Against other repositories: one with 3 gets three times the places of one with 1"
        validate={[required(), minValue(1), maxValue(100)]}
        min={1}
        max={100}
      />
    </EditForm>
  </Edit>
);

const LABEL = /^[^,]{1,50}$/;

/** Only issues have labels. */
const IntakeLabel = () => {
  const record = useRecordContext<Repository>();
  if (record?.forge !== 'github') return null;
  return (
    <TextInput
      source="intakeLabel"
      label="Label that asks for work"
      helperText="Whoever may write to the repository puts it on an issue, and Teko begins"
      validate={[required(), regex(LABEL, 'At most 50 characters and no comma')]}
      fullWidth
    />
  );
};
