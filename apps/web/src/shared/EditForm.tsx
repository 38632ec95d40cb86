import type { ReactNode } from 'react';
import { SimpleForm } from 'react-admin';

/** A constant, because the form resets whenever it receives another object. */
const RESET_OPTIONS = { keepDirtyValues: true };

/** A form for an existing record. If the record changes on the server, all fields that the user has not edited are updated. */
export const EditForm = ({ children }: { children: ReactNode }) => (
  <SimpleForm resetOptions={RESET_OPTIONS}>{children}</SimpleForm>
);
