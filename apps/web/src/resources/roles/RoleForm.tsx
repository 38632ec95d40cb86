import type { Permission } from '@teko/contracts';
import { Create, Edit, required, SimpleForm, TextInput, useInput } from 'react-admin';
import { PermissionMatrix } from './PermissionMatrix';
import { EditForm } from '../../shared/EditForm';

const PermissionsInput = () => {
  const { field } = useInput<Permission[]>({ source: 'permissions', defaultValue: [] });
  return <PermissionMatrix value={(field.value as Permission[] | undefined) ?? []} onChange={field.onChange} />;
};

const Description = () => <TextInput source="description" helperText="What the role is for" fullWidth />;

export const RoleCreate = () => (
  <Create redirect="show">
    <SimpleForm>
      <TextInput
        source="name"
        validate={required()}
        helperText="Lowercase letters, digits and hyphens. Cannot be changed later"
        fullWidth
      />
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
