import { Create, Edit, SimpleForm, TextInput, required } from 'react-admin';

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
    </SimpleForm>
  </Edit>
);

function emptyToNull(value: string): string | null {
  return value === '' ? null : value;
}
