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

/** Written in dollars, kept in millionths. */
const Limit = () => (
  <NumberInput
    source="limitMicros"
    label="At most, in US dollars"
    validate={[required(), minValue(0)]}
    format={(micros?: number) => (micros === undefined ? '' : micros / MICROS)}
    parse={(dollars: string) => (dollars === '' ? undefined : Math.round(Number(dollars) * MICROS))}
    helperText="The worst price of a call is put aside before it is made, so this is never passed"
    fullWidth
  />
);

const REFERENCES: Record<string, string> = { repository: 'repositories', user: 'users', task: 'tasks' };

export const BudgetCreate = () => (
  <Create redirect="list" title="Add a budget">
    <SimpleForm defaultValues={{ scope: 'installation', period: 'month' }}>
      <SelectInput
        source="scope"
        label="For"
        choices={BUDGET_SCOPES.map((scope) => ({ id: scope, name: scope === 'installation' ? 'everything' : scope }))}
        validate={required()}
        fullWidth
      />
      <FormDataConsumer<{ scope: string }>>
        {({ formData }) => formData.scope !== 'installation' && <Which scope={formData.scope} />}
      </FormDataConsumer>
      <SelectInput
        source="period"
        choices={[
          { id: 'month', name: 'a calendar month (UTC)' },
          { id: 'total', name: 'in all' },
        ]}
        validate={required()}
        fullWidth
      />
      <Limit />
    </SimpleForm>
  </Create>
);

const Which = ({ scope }: { scope: string }) => {
  const reference = REFERENCES[scope];
  const help = `Empty: each ${scope} on its own`;
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
