import { Inject, Injectable } from '@nestjs/common';
import {
  Forge,
  GitMirrors,
  type FinishReport,
  type GateReport,
  type LeftOutFile,
  type PullRequest,
  type PullRequestInput,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import { TekoSettings } from '@teko/platform';
import { ownersOf } from './code-owners';
import { changeBody } from './templates';

const OWNER_FILES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];
const TEMPLATE_FILES = [
  '.github/pull_request_template.md',
  '.github/PULL_REQUEST_TEMPLATE.md',
  'pull_request_template.md',
  'PULL_REQUEST_TEMPLATE.md',
  'docs/pull_request_template.md',
];
const MAX_BYTES = 64 * 1024;

export interface PullRequestText {
  title: string;
  body: string;
  /** Code owners to request a review from, as `login` or `org/team`. */
  owners: string[];
}

/** Composes and opens pull requests: text, labels and reviewers. */
@Injectable()
export class PullRequests {
  constructor(
    @Inject(Forge) private readonly forge: Forge,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(TekoSettings) private readonly settings: Pick<TekoSettings, 'TEKO_URL'>,
  ) {}

  /** Returns the link to a run, or null if TEKO_URL is not set. */
  runUrl({ id }: Pick<Run, 'id'>): string | null {
    return this.settings.TEKO_URL ? `${this.settings.TEKO_URL}/#/runs/${id}/show` : null;
  }

  /** Composes title and body, with the pull request template and the code owners of the base commit. */
  async composeText(input: {
    run: Run;
    task: Task;
    repository: Repository;
    gate: GateReport;
    report: FinishReport;
    leftOut: LeftOutFile[];
    headCommit: string;
    title: string;
  }): Promise<PullRequestText> {
    const { run, repository, headCommit, title } = input;
    const base = run.baseCommit ?? '';
    const textOf = (template: string | null) => changeBody({ ...input, runUrl: this.runUrl(run), template });
    if (repository.forge === 'local') return { title, body: textOf(null), owners: [] };
    const template = await this.readFirst(repository, base, TEMPLATE_FILES);
    const codeowners = await this.readFirst(repository, base, OWNER_FILES);
    const { files } = await this.mirrors.diff(repository.id, base, headCommit);
    const owners = codeowners
      ? ownersOf(
          codeowners,
          files.map(({ path }) => path),
        )
      : [];
    return { title, body: textOf(template), owners };
  }

  /** Opens a pull request, or updates the one that is open for the branch. Returns null if the forge has no pull requests. */
  async open(
    repository: Repository,
    { owners, ...draft }: PullRequestInput & { owners: string[] },
  ): Promise<PullRequest | null> {
    const pullRequest = await this.forge.openPullRequest(repository, draft);
    if (!pullRequest) return null;
    const { title, body, isDraft } = draft;
    await this.forge.updatePullRequest(repository, pullRequest.number, { title, body, ...(!isDraft && { isDraft }) });
    await this.forge.addLabelsAndReviewers(repository, pullRequest.number, {
      labels: [repository.intakeLabel],
      owners,
    });
    return { ...pullRequest, isDraft };
  }

  private async readFirst(repository: Repository, commit: string, paths: string[]): Promise<string | null> {
    for (const path of paths) {
      const text = await this.mirrors.readFile(repository.id, commit, path, MAX_BYTES);
      if (text !== null) return text;
    }
    return null;
  }
}
