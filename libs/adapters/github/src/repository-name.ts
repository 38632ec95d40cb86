import { InvalidError } from '@teko/domain';

/** Returns owner and name of a repository for GitHub's API. Throws InvalidError for an invalid name. */
export function repoOf({ forgeName }: { forgeName: string | null }): { owner: string; repo: string } {
  const [owner, repo, ...more] = (forgeName ?? '').split('/');
  if (!owner || !repo || more.length > 0 || [owner, repo].some((part) => /^\.\.?$/.test(part)))
    throw new InvalidError({ forgeName: `must be owner/name of a repository on GitHub, not ${forgeName ?? 'empty'}` });
  return { owner, repo };
}

/** Returns `owner/name` from the git URL of a repository, or null if the URL does not belong to this GitHub server. */
export function forgeNameOf(url: string, origin: string): string | null {
  if (!URL.canParse(url)) return null;
  const { origin: urlOrigin, pathname } = new URL(url);
  const [, owner, name] = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(pathname) ?? [];
  return urlOrigin === origin && owner && name ? `${owner}/${name}` : null;
}
