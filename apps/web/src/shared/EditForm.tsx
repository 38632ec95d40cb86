import type { ReactNode } from 'react';
import { SimpleForm } from 'react-admin';

/** One and the same object, as the form starts anew with each other one. */
const KEEP_WHAT_WAS_TYPED = { keepDirtyValues: true };

/** A form of what is stored. Where that changes meanwhile the fields follow, but for those that somebody changed here. */
export const EditForm = ({ children }: { children: ReactNode }) => (
  <SimpleForm resetOptions={KEEP_WHAT_WAS_TYPED}>{children}</SimpleForm>
);
