import type { Permission } from '@teko/contracts';
import { Create, Edit, required, SimpleForm, TextInput, useInput } from 'react-admin';
import { PermissionMatrix } from './PermissionMatrix';
import { EditForm } from '../../shared/EditForm';

const PermissionsInput = () => {
  const { field } = useInput<Permission[]>({ source: 'permissions', defaultValue: [] });
  return <PermissionMatrix value={(field.value as Permission[] | undefined) ?? []} onChange={field.onChange} />;
};

const Description = () => <TextInput source="description" helperText="What it is for" fullWidth />;

export const RoleCreate = () => (
  <Create redirect="show" title="Add a role">
    <SimpleForm>
      <TextInput source="name" validate={required()} helperText="a-z, 0-9 and -; it stays" fullWidth />
      <Description />
      <PermissionsInput />
    </SimpleForm>
  </Create>
);

export const RoleEdit = () => (
  <Edit mutationMode="pessimistic" redirect="show">
    <EditForm>
      <Description />
      <PermissionsInput />
    </EditForm>
  </Edit>
);
