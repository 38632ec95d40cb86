import { BooleanInput, Create, Edit, required, SelectArrayInput, SimpleForm, TextInput, useGetList } from 'react-admin';
import type { Role } from '../../providers/http';
import { EditForm } from '../../shared/EditForm';

const RolesInput = () => {
  const { data = [] } = useGetList<Role>('roles', {
    pagination: { page: 1, perPage: 200 },
    sort: { field: 'name', order: 'ASC' },
  });
  return (
    <SelectArrayInput
      source="roles"
      choices={data.map(({ name }) => ({ id: name, name }))}
      helperText="Apply to all repositories. Leave empty to grant roles on individual repositories only"
      fullWidth
    />
  );
};

const Fields = () => (
  <>
    <TextInput source="name" validate={required()} fullWidth />
    <TextInput
      source="email"
      type="email"
      helperText="Signing in through GitHub or Google with this verified address signs in as this user"
      parse={(value: string) => value || null}
      fullWidth
    />
    <RolesInput />
  </>
);

export const UserCreate = () => (
  <Create redirect="show">
    <SimpleForm>
      <Fields />
    </SimpleForm>
  </Create>
);

export const UserEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show">
    <EditForm>
      <Fields />
      <BooleanInput source="disabled" label="Disabled" helperText="The user cannot sign in, and all sessions end" />
    </EditForm>
  </Edit>
);
