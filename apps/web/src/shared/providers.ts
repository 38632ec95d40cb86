/** Login providers by the names that people know. */
export const PROVIDER_NAMES: Record<string, string> = { github: 'GitHub', google: 'Google' };
