import type { FuzzTarget } from '../target';
import { bundleTarget } from './bundle';
import { diff } from './diff';
import { fileChannel } from './file-channel';
import { paths } from './paths';
import { redaction } from './redaction';
import { report } from './report';
import { settingsFile } from './settings-file';
import { text } from './text';
import { webhook } from './webhook';

/** Everything that reads what a sandbox, a repository or a stranger wrote. */
export const TARGETS: FuzzTarget[] = [
  fileChannel,
  report,
  diff,
  bundleTarget,
  settingsFile,
  text,
  webhook,
  paths,
  redaction,
];
