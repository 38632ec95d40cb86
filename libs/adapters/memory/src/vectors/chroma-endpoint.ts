import type { TekoSettings } from '@teko/platform';
import type { ChromaEndpoint } from './chroma-vectors';

/** Returns the Chroma server that the settings name, with its credentials as headers, or null. */
export function chromaEndpoint({
  CHROMA_URL: url,
  CHROMA_TOKEN: token,
}: Pick<TekoSettings, 'CHROMA_URL' | 'CHROMA_TOKEN'>): ChromaEndpoint | null {
  if (!url) return null;
  const { origin, username, password } = new URL(url);
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const basic = username || password ? `Basic ${Buffer.from(user).toString('base64')}` : null;
  const authorization = basic ?? (token && `Bearer ${token}`);
  return {
    url: origin,
    headers: { ...(authorization && { authorization }), ...(token && { 'x-chroma-token': token }) },
    remedy: 'Check that it is running, and that CHROMA_URL and CHROMA_TOKEN are correct',
  };
}
