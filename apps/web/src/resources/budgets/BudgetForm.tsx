import { BUDGET_SCOPES } from '@teko/contracts';
import {
  Create,
  Edit,
  FormDataConsumer,
  minValue,
  NumberInput,
  ReferenceInput,
  required,
  SelectInput,
  SimpleForm,
  TextInput,
} from 'react-admin';
import { EditForm } from '../../shared/EditForm';

const MICROS = 1_000_000;

/** Shows US dollars; the value is in millionths. */
const Limit = () => (
  <NumberInput
    source="limitMicros"
    label="Limit in US dollars"
    validate={[required(), minValue(0)]}
    format={(micros?: number) => (micros === undefined ? '' : micros / MICROS)}
    parse={(dollars: string) => (dollars === '' ? undefined : Math.round(Number(dollars) * MICROS))}
    helperText="The maximum price of each call is reserved before the call, so the limit is never exceeded"
    fullWidth
  />
);

const REFERENCES: Record<string, string> = { repository: 'repositories', user: 'users', task: 'tasks' };

export const BudgetCreate = () => (
  <Create redirect="list">
    <SimpleForm defaultValues={{ scope: 'installation', period: 'month' }}>
      <SelectInput
        source="scope"
        label="Scope"
        choices={BUDGET_SCOPES.map((scope) => ({ id: scope, name: scope === 'installation' ? 'all usage' : scope }))}
        validate={required()}
        fullWidth
      />
      <FormDataConsumer<{ scope: string }>>
        {({ formData }) => formData.scope !== 'installation' && <ScopeIdInput scope={formData.scope} />}
      </FormDataConsumer>
      <SelectInput
        source="period"
        choices={[
          { id: 'month', name: 'calendar month (UTC)' },
          { id: 'total', name: 'total' },
        ]}
        validate={required()}
        fullWidth
      />
      <Limit />
    </SimpleForm>
  </Create>
);

const ScopeIdInput = ({ scope }: { scope: string }) => {
  const reference = REFERENCES[scope];
  const help = `Leave empty to apply the limit to each ${scope} separately`;
  if (!reference) return <TextInput source="scopeId" label={`Which ${scope}`} helperText={help} fullWidth />;
  return (
    <ReferenceInput source="scopeId" reference={reference} perPage={200}>
      <SelectInput label={`Which ${scope}`} helperText={help} fullWidth />
    </ReferenceInput>
  );
};

export const BudgetEdit = () => (
  <Edit mutationMode="pessimistic" redirect="list">
    <EditForm>
      <Limit />
    </EditForm>
  </Edit>
);
