const CI =
  /^(\.github\/(workflows|actions)\/|\.circleci\/|\.gitlab-ci\.yml$|\.travis\.yml$|azure-pipelines\.yml$|bitbucket-pipelines\.yml$|(.*\/)?Jenkinsfile$)/;
const LOCKS =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|composer\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|Gemfile\.lock|Cargo\.lock|go\.sum)$/;
const DEPENDENCIES =
  /(^|\/)(package\.json|composer\.json|pyproject\.toml|setup\.(py|cfg)|requirements[\w.-]*\.txt|Pipfile|Gemfile|Cargo\.toml|go\.mod|pom\.xml|build\.gradle(\.kts)?)$/;

/** Returns why a change to these files is risky, one sentence per kind of risk; empty if it is not. */
export function risksOf(paths: string[]): string[] {
  return [
    ...ciRiskOf(paths),
    ...riskOf(paths, LOCKS, 'It changes a lock file'),
    ...riskOf(paths, DEPENDENCIES, 'It changes dependencies'),
  ];
}

/** Returns only the risks that concern CI configuration. */
export function ciRiskOf(paths: string[]): string[] {
  return riskOf(paths, CI, 'It changes the CI configuration');
}

function riskOf(paths: string[], pattern: RegExp, text: string): string[] {
  const matches = paths.filter((path) => pattern.test(path));
  return matches.length === 0 ? [] : [`${text}: ${matches.join(', ')}.`];
}
