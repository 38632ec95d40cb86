/** Display names of the login providers. */
export const PROVIDER_NAMES: Record<string, string> = { github: 'GitHub', google: 'Google' };
