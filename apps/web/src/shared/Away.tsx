import { Link } from '@mui/material';
import type { ReactNode } from 'react';

/** A link out of the panel, in a tab of its own that knows nothing of this one. */
export const Away = ({ href, children }: { href: string | undefined; children: ReactNode }) => (
  <Link href={href} target="_blank" rel="noopener noreferrer" sx={{ overflowWrap: 'anywhere' }}>
    {children}
  </Link>
);
