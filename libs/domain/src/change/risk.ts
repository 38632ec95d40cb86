const CI =
  /^(\.github\/(workflows|actions)\/|\.circleci\/|\.gitlab-ci\.yml$|\.travis\.yml$|azure-pipelines\.yml$|bitbucket-pipelines\.yml$|(.*\/)?Jenkinsfile$)/;
const LOCKS =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|composer\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|Gemfile\.lock|Cargo\.lock|go\.sum)$/;
const DEPENDENCIES =
  /(^|\/)(package\.json|composer\.json|pyproject\.toml|setup\.(py|cfg)|requirements[\w.-]*\.txt|Pipfile|Gemfile|Cargo\.toml|go\.mod|pom\.xml|build\.gradle(\.kts)?)$/;

/** Why a change of these files is risky, a sentence for each kind; nothing where it is not. */
export function risksOf(paths: string[]): string[] {
  return [
    ...ciRiskOf(paths),
    ...riskOf(paths, LOCKS, 'It changes a lock file'),
    ...riskOf(paths, DEPENDENCIES, 'It changes a file that names dependencies'),
  ];
}

/** The same for what CI runs alone. */
export function ciRiskOf(paths: string[]): string[] {
  return riskOf(paths, CI, 'It changes what CI runs');
}

function riskOf(paths: string[], pattern: RegExp, text: string): string[] {
  const found = paths.filter((path) => pattern.test(path));
  return found.length === 0 ? [] : [`${text}: ${found.join(', ')}.`];
}
