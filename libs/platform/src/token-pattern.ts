const PATTERNS = [
  /gh[pousr]_[A-Za-z\d]{20,}|github_pat_\w{22,}|glpat-[\w-]{20,}/,
  /xox[abeoprs]-(?=[A-Za-z-]*\d)[A-Za-z\d-]{10,}|xapp-\d-[A-Za-z\d-]{20,}|hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{16,}/,
  /(?:AKIA|ASIA)[A-Z\d]{16}(?![A-Za-z\d])|AIza[\w-]{35}|ya29\.[\w-]{20,}/,
  /sk-(?:proj|ant|svcacct|admin|or)-(?=[A-Za-z_-]*\d)[\w-]{20,}|sk-[A-Za-z\d]{20,}|[srp]k_live_[A-Za-z\d]{16,}/,
  /npm_[A-Za-z\d]{36}|pypi-AgEI[\w-]{40,}|dckr_pat_[\w-]{20,}|hf_[A-Za-z\d]{30,}|teko_(?=[A-Za-z_-]*\d)[\w-]{20,}/,
  /SG\.[\w-]{22}\.[\w-]{43}|\d{8,10}:AA[\w-]{33}|ATATT3[\w=-]{50,}/,
];

/** Matches the token formats of well-known vendors, and Teko's own. */
export const TOKEN_PATTERN = new RegExp(`(?<![\\w-])(?:${PATTERNS.map(({ source }) => source).join('|')})`, 'g');
