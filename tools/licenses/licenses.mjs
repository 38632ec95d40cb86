/*
 * Which licences the installed packages may have. A package that is not covered fails `npm run check:licenses`: choose another one, or add
 * an exception with the reason.
 */
export const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BSD',
  'ISC',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Python-2.0',
]);

/** Packages with another licence, by name, or by a prefix that ends with `*`. */
export const EXCEPTIONS = {
  pause: { license: 'none', reason: 'its readme says MIT; the package has no licence field' },
  lightningcss: { license: 'MPL-2.0', reason: 'builds the panel and is used unchanged; its code is not in the output' },
  'lightningcss-*': { license: 'MPL-2.0', reason: 'the binary of lightningcss for one platform' },
  'caniuse-lite': { license: 'CC-BY-4.0', reason: 'data that only tools of the developers read' },
};

/** Returns whether an SPDX expression allows the use: one side of an OR, both sides of an AND. Unknown text is not allowed. */
export function isAllowed(expression) {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const list = (operator, next) => {
    let result = next();
    while (tokens[at] === operator) {
      at++;
      const right = next();
      result = operator === 'OR' ? result || right : result && right;
    }
    return result;
  };
  const one = () => {
    const token = tokens[at++];
    if (token !== '(') return ALLOWED.has(token);
    const result = either();
    return tokens[at++] === ')' && result;
  };
  const either = () => list('OR', () => list('AND', one));
  return either() && at === tokens.length;
}

/**
 * Returns the licence that a package.json or an entry of the lock file declares, in the old form too, or null.
 * @param {{ license?: unknown, licenses?: unknown }} manifest
 */
export function declaredLicense({ license, licenses }) {
  if (typeof license === 'string') return license;
  if (typeof license?.type === 'string') return license.type;
  if (!Array.isArray(licenses)) return null;
  const types = licenses.map((one) => one?.type ?? one);
  return types.length > 0 && types.every((type) => typeof type === 'string') ? types.join(' OR ') : null;
}

/**
 * Returns a line for each package that is not covered. `packages` are the entries of the lock file by path; `manifest` reads an
 * installed package.json, or returns null.
 */
export function violations(packages, manifest) {
  const lines = Object.entries(packages).flatMap(([path, entry]) => {
    const name = entry.name ?? path.split('node_modules/').at(-1);
    if (!path.includes('node_modules/') || entry.link) return [];
    const license = declaredLicense(entry) ?? declaredLicense(manifest(path) ?? {}) ?? 'none';
    if (isAllowed(license) || exceptionFor(name)?.license === license) return [];
    return [`${name}@${entry.version}: ${license}`];
  });
  return [...new Set(lines)].sort();
}

/** Returns the exceptions that no package needs any more. */
export function unusedExceptions(packages) {
  const names = Object.keys(packages).map((path) => path.split('node_modules/').at(-1));
  return Object.keys(EXCEPTIONS).filter((pattern) => !names.some((name) => matches(pattern, name)));
}

function exceptionFor(name) {
  const pattern = Object.keys(EXCEPTIONS).find((one) => matches(one, name));
  return pattern && EXCEPTIONS[pattern];
}

function matches(pattern, name) {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
