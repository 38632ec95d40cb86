/** Characters that the browser does not show: controls, formats such as bidirectional marks, separators, and unusual spaces. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\u034f\u115f\u1160\u3164\ufe00-\ufe0f\uffa0]|(?! )\p{Zs}/gu;

/** Returns the path with its invisible characters as escapes, so that no name can pass for another one. */
export function visiblePath(path: string): string {
  return path.replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
