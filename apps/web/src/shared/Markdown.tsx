import { Box } from '@mui/material';
import type { ReactNode } from 'react';
import ReactMarkdown, { type Components, type ExtraProps } from 'react-markdown';
import { Away } from './Away';
import { pastedPictures } from './pasted-pictures';

/** Text of agents and people with its formatting. HTML in it stays text; pictures are links, and nothing is loaded from elsewhere. */
export const Markdown = ({ children }: { children: string }) => (
  <Box
    sx={{
      overflowWrap: 'anywhere',
      '& h1, & h2, & h3': { fontSize: 16, mt: 2, mb: 0.5 },
      '& p, & ul, & ol': { my: 0.75 },
      '& pre': { overflowX: 'auto', p: 1, bgcolor: 'action.hover', borderRadius: 1 },
      '& code': { fontSize: 13 },
    }}
  >
    <ReactMarkdown components={components} rehypePlugins={[pastedPictures]}>
      {children}
    </ReactMarkdown>
  </Box>
);

/** A picture in a link is a link already, and links hold no links. */
const MarkdownLink = ({ href, children, node }: { href?: string; children?: ReactNode } & ExtraProps) => {
  const holdsPicture = node?.children.some((child) => child.type === 'element' && child.tagName === 'img');
  if (!holdsPicture) return <Away href={href}>{children}</Away>;
  return (
    <>
      {children} (<Away href={href}>link</Away>)
    </>
  );
};

const components: Components = {
  a: MarkdownLink,
  img: ({ src, alt }) => <Away href={typeof src === 'string' ? src : undefined}>{alt || 'picture'}</Away>,
};
