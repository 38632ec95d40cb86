import { askRequester } from './ask-requester.tool';
import { editFile } from './edit-file.tool';
import { findText } from './find-text.tool';
import { finish } from './finish.tool';
import { listFiles } from './list-files.tool';
import { proposePlan } from './propose-plan.tool';
import { readFile } from './read-file.tool';
import { replyToThread } from './reply-to-thread.tool';
import { remember } from './remember.tool';
import { reportFinding } from './report-finding.tool';
import { runCommand } from './run-command.tool';
import { searchCode } from './search-code.tool';
import type { Tool } from './tool';
import { writeFile } from './write-file.tool';

export type {
  CodeSearch,
  FindingDraft,
  InsightWriter,
  HumanInput,
  Plan,
  ReplyDraft,
  Tool,
  ToolContext,
  ToolResult,
} from './tool';

/** All tools, in the order in which they are listed to the model. */
export const TOOLS: Tool[] = [
  listFiles,
  searchCode,
  findText,
  readFile,
  askRequester,
  proposePlan,
  editFile,
  writeFile,
  runCommand,
  remember,
  replyToThread,
  reportFinding,
  finish,
];
