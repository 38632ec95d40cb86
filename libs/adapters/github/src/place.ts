import { InvalidError } from '@teko/domain';

/** Owner and name of a repository, as GitHub's routes want them. */
export function placeOf({ forgeName }: { forgeName: string | null }): { owner: string; repo: string } {
  const [owner, repo, ...more] = (forgeName ?? '').split('/');
  if (!owner || !repo || more.length > 0 || [owner, repo].some((part) => /^\.\.?$/.test(part)))
    throw new InvalidError({ forgeName: `${forgeName ?? 'nothing'} is not owner/name of a repository on GitHub` });
  return { owner, repo };
}

/** A repository's `owner/name` from the URL that git is given; null where it is no such URL. */
export function forgeNameOf(url: string, origin: string): string | null {
  if (!URL.canParse(url)) return null;
  const { origin: found, pathname } = new URL(url);
  const [, owner, name] = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(pathname) ?? [];
  return found === origin && owner && name ? `${owner}/${name}` : null;
}
