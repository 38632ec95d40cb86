import { required, SelectInput, TextInput } from 'react-admin';
import type { Repository } from '../../providers/http';

/** Inputs for the rules of a repository: what needs approval, by whom, and what happens to results without proof. */
export const RuleInputs = () => (
  <>
    <SelectInput
      source="approvalRule"
      label="Changes that require approval"
      helperText="Sensitive files are all files that are not recognisably source code, tests, documentation or assets: configuration, dependencies, build files, scripts, hidden files. Changes outside an approved plan always need approval. A pending request keeps the rule of the moment it was made."
      choices={[
        { id: 'never', name: 'only CI files, .teko.yml and instructions for agents' },
        { id: 'risky', name: 'sensitive files' },
        { id: 'always', name: 'all' },
      ]}
      validate={required()}
      fullWidth
    />
    <TextInput
      source="preapprovedPaths"
      label="Sensitive files that can change without approval"
      helperText="One pattern per line, as in .gitignore, for example package-lock.json or /charts/**. Not for .teko.yml, instructions for agents (such as AGENTS.md), links, submodules and misleading names: they always need approval."
      format={(patterns: string[] | null) => (patterns ?? []).join('\n')}
      parse={(text: string) => text.split('\n')}
      multiline
      minRows={2}
      fullWidth
    />
    <SelectInput
      source="approvers"
      label="Approvers"
      choices={[
        { id: 'anyone', name: 'anyone with the permission' },
        { id: 'others', name: 'anyone with the permission except the requester' },
      ]}
      validate={required()}
      fullWidth
    />
    <SelectInput
      source="planRule"
      label="Plans that require approval"
      helperText="The agent proposes a plan and changes nothing until it is approved"
      choices={[
        { id: 'never', name: 'none' },
        { id: 'always', name: 'all' },
      ]}
      validate={required()}
      fullWidth
    />
    <SelectInput
      source="unprovenRule"
      label="Results that the tests do not prove"
      helperText="The tests pass, but also if the code is broken, or no test reproduces the reported bug. The branch is kept in both cases."
      choices={[
        { id: 'keep_branch', name: 'open no pull request' },
        { id: 'open_draft', name: 'open a draft pull request' },
      ]}
      validate={required()}
      fullWidth
    />
  </>
);

/** Prepares the form's values for the API: a line without text is no pattern. */
export const withoutEmptyPatterns = <T extends Partial<Repository>>(values: T): T =>
  values.preapprovedPaths
    ? { ...values, preapprovedPaths: values.preapprovedPaths.map((line) => line.trim()).filter(Boolean) }
    : values;
