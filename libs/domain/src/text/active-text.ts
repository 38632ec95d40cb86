/* Text that makes a forge, a CI service or a bot act: it is broken by a zero-width space, so it stays readable. */

const BREAK = '\u200b';

/** Matches in which a break is inserted after the first group. */
const ACTIVE: RegExp[] = [
  // Keywords that close an issue or a merge request, and the names of issues.
  /\b(clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)(?=\s*[\s:*_~(["'`\\<-]{1,20}(?:[\w.-]{1,100}\/[\w./-]{1,200})?(?:[#＃﹟!]\\?\u200b?\p{N}|GH\p{Pd}\p{N}|AB#|https?:\/\/))/giu,
  /\b([Cc]los(?:e[sd]?|ing)|[Ff]ix(?:e[sd]|ing)?|[Rr]esolv(?:e[sd]?|ing)|[Ii]mplement(?:s|ed|ing)?)(?=\s*[\s:]{1,3}[A-Z][A-Z\d_]{1,20}-\d)/gu,
  /\b(GH)(?=\p{Pd}\p{N})/giu,
  // Messages that skip CI: [skip ci], [ci skip], [no ci], ***NO_CI***, skip-checks: true, --skip-ci
  /\b(skip(?=[_-](?:ci|checks?)\b)|ci(?=[_-]skip\b)|no(?=[_-]ci\b))/giu,
  // Trailers: Co-authored-by, Signed-off-by, Release-As
  /\b(co-\p{L}{1,30}|signed-off|reviewed|acked|tested|reported|suggested|requested|approved|merged|committed|authored|helped|on-behalf|release|change)(?=-(?:by|of|as|id)[ \t]*:)/giu,
  // Commands for bots.
  /^([ \t>]*[/!.])(?=\p{L}[\w-]{0,40}(?:\s|$))/gmu,
  /\b(bors)(?=\s+(?:r[+=-]|d[+=-]|p=|merge|try|retry|cancel|ping))/giu,
  /\b(re?test|test|ok|add)(?=\s+(?:this please|to test|to whitelist|to allowlist))/giu,
];
const MENTIONS = /(?<![A-Za-z0-9])([@＠﹫])(?=[\p{L}\p{N}_-])/gu;
const USERS = /(?<![A-Za-z0-9])([@＠﹫])(?=[\w-]+(?![\w/-]))/gu;
const REFERENCES = /([#＃﹟])(?=\p{N}|(?:close|done|resolve|reopen|start|stop|time|comment)\b)/giu;
/** Text in brackets that can be an instruction to skip something. */
const BRACKETS = /([[［])([^\][［］]{1,60})(?=[\]］])/gu;
const SKIPS = /(?:^|[^\p{L}])(?:skip|no|off)(?![\p{L}])/iu;

/** Breaks what acts even inside of code, because a squashed commit contains the text of its pull request as it is. */
export function breakActiveText(text: string): string {
  return ACTIVE.reduce((out, pattern) => out.replace(pattern, `$1${BREAK}`), text).replace(
    BRACKETS,
    (whole, bracket: string, inner: string) =>
      SKIPS.test(inner) ? `${bracket}${BREAK}${inner.replace(/[\s_-]+/g, (gap) => `${BREAK}${gap}`)}` : whole,
  );
}

/** Breaks mentions of users and references to issues in code. Names of npm packages stay as they are. */
export function breakReferencesInCode(code: string): string {
  return code.replace(USERS, `$1${BREAK}`).replace(REFERENCES, `$1${BREAK}`);
}

/** Breaks mentions of users and teams, and references to issues. */
export function breakReferences(text: string): string {
  return text.replace(MENTIONS, `$1${BREAK}`).replace(REFERENCES, `$1${BREAK}`);
}

/** Breaks the trailers of a commit message: lines in the form `Token: value` in its last paragraph. */
export function breakTrailers(body: string): string {
  const start = body.lastIndexOf('\n\n') + 1;
  return (
    body.slice(0, start) + body.slice(start).replace(/^([A-Za-z][A-Za-z0-9-]*)(?=[ \t]*:(?!\/\/))/gm, `$1${BREAK}`)
  );
}

/** A character without width that keeps its neighbours from being read together. */
export const BREAK_CHARACTER = BREAK;
