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
      helperText="Hold on every repository; none: only what is granted on single ones"
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
      helperText="Whoever signs in with this verified address at a login provider is this user"
      parse={(value: string) => value || null}
      fullWidth
    />
    <RolesInput />
  </>
);

export const UserCreate = () => (
  <Create redirect="show" title="Add a user">
    <SimpleForm>
      <Fields />
    </SimpleForm>
  </Create>
);

export const UserEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show">
    <EditForm>
      <Fields />
      <BooleanInput source="disabled" label="May not sign in" helperText="Ends all sessions of the user" />
    </EditForm>
  </Edit>
);
