import { Box } from '@mui/material';
import type { ReactNode } from 'react';
import ReactMarkdown, { type Components, type ExtraProps } from 'react-markdown';
import { ExternalLink } from './ExternalLink';
import { pastedImages } from './pasted-images';

/** Renders Markdown of agents and users. HTML is shown as text and images as links, so nothing is loaded from other sites. */
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
    <ReactMarkdown components={components} rehypePlugins={[pastedImages]}>
      {children}
    </ReactMarkdown>
  </Box>
);

/** Renders a link. An image inside it is a link already, and links cannot be nested. */
const MarkdownLink = ({ href, children, node }: { href?: string; children?: ReactNode } & ExtraProps) => {
  const containsImage = node?.children.some((child) => child.type === 'element' && child.tagName === 'img');
  if (!containsImage) return <ExternalLink href={href}>{children}</ExternalLink>;
  return (
    <>
      {children} (<ExternalLink href={href}>link</ExternalLink>)
    </>
  );
};

const components: Components = {
  a: MarkdownLink,
  img: ({ src, alt }) => <ExternalLink href={typeof src === 'string' ? src : undefined}>{alt || 'image'}</ExternalLink>,
};
