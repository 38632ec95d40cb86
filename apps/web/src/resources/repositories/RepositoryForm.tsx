import { Create, Edit, SelectInput, SimpleForm, TextInput, required } from 'react-admin';

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

const commandHelp = 'Empty: as the analysis found it';

export const RepositoryEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show">
    <SimpleForm>
      <TextInput source="name" validate={required()} fullWidth />
      <TextInput source="setupCommand" helperText={commandHelp} parse={emptyToNull} fullWidth />
      <TextInput source="testCommand" helperText={commandHelp} parse={emptyToNull} fullWidth />
      <TextInput source="lintCommand" helperText={commandHelp} parse={emptyToNull} fullWidth />
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
    </SimpleForm>
  </Edit>
);

function emptyToNull(value: string): string | null {
  return value === '' ? null : value;
}
