const MAX_PATTERNS = 100;
const MAX_PATTERN_LENGTH = 200;
/** Bounds the time that matching takes. */
const MAX_WILDCARDS_PER_NAME = 3;
const MAX_DOUBLE_WILDCARDS = 3;

/**
 * Returns what is wrong with a list of patterns of preapproved paths, or null. A pattern is a line as in .gitignore, but
 * no comment: `package-lock.json`, `/docs/*.yml`, `charts/**`, `!charts/prod/`.
 */
export function preapprovedPathsError(patterns: string[]): string | null {
  if (patterns.length > MAX_PATTERNS) return `must have at most ${MAX_PATTERNS} patterns`;
  for (const pattern of patterns) {
    const error = patternError(pattern);
    if (error) return `${JSON.stringify(pattern.slice(0, MAX_PATTERN_LENGTH))} ${error}`;
  }
  return null;
}

function patternError(pattern: string): string | null {
  const names = pattern.replace(/^!/, '').split('/');
  const count = (text: string, part: string) => text.split(part).length - 1;
  if (pattern.trim() === '' || names.every((name) => name === '')) return 'names no path';
  if (pattern.length > MAX_PATTERN_LENGTH) return `is longer than ${MAX_PATTERN_LENGTH} characters`;
  if (pattern !== pattern.trim()) return 'starts or ends with a space';
  if (/[\u0000-\u001f\u007f\\]/.test(pattern)) return 'contains a backslash or a control character';
  if (pattern.startsWith('#')) return 'is a comment';
  if (names.some((name) => name === '.' || name === '..'))
    return 'must be relative to the repository, without . and ..';
  if (count(pattern, '**') > MAX_DOUBLE_WILDCARDS) return `has more than ${MAX_DOUBLE_WILDCARDS} times **`;
  if (names.some((name) => count(name, '*') > MAX_WILDCARDS_PER_NAME))
    return `has more than ${MAX_WILDCARDS_PER_NAME} times * in one name`;
  return null;
}
