import { Box } from '@mui/material';
import ReactMarkdown from 'react-markdown';

/** Text of agents and people with its formatting. HTML in it stays text, pictures are not loaded. */
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
    <ReactMarkdown disallowedElements={['img']} unwrapDisallowed>
      {children}
    </ReactMarkdown>
  </Box>
);
