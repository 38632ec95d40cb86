import { Link } from '@mui/material';
import type { ReactNode } from 'react';

/** A link to another site, opened in a new tab without a referrer or opener. */
export const ExternalLink = ({ href, children }: { href: string | undefined; children: ReactNode }) => (
  <Link href={href} target="_blank" rel="noopener noreferrer" sx={{ overflowWrap: 'anywhere' }}>
    {children}
  </Link>
);
