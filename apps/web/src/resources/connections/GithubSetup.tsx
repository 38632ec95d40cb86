import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { WebhookUrl } from './WebhookUrl';

const Key = ({ children }: { children: string }) => (
  <Box component="code" sx={{ fontSize: 13, overflowWrap: 'anywhere' }}>
    {children}
  </Box>
);

const Method = ({ title, children }: { title: string; children: ReactNode }) => (
  <Box component="section" aria-label={title} sx={{ minWidth: 0 }}>
    <Typography variant="subtitle1" component="h3">
      {title}
    </Typography>
    <Box component="ol" sx={{ m: 0, pl: 2.5, '& li': { my: 0.75 } }}>
      {children}
    </Box>
  </Box>
);

/** Step-by-step instructions for both ways to connect GitHub. */
export const GithubSetup = ({ webhookUrl }: { webhookUrl: string }) => (
  <>
    <Box
      sx={{ display: 'grid', gap: 3, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' } }}
    >
      <Method title="GitHub App (recommended for teams)">
        <li>On GitHub, open Settings, Developer settings, GitHub Apps, and create a new app.</li>
        <li>
          Grant these repository permissions. Read and write: Contents, Issues, Pull requests, Actions. Read-only:
          Metadata, Checks, Commit statuses. To request reviews from teams, also grant the organisation permission
          Members, read-only.
        </li>
        <li>
          Activate the webhook with the URL below and a secret of at least 16 characters. Subscribe to: Issues, Issue
          comment, Pull request, Pull request review, Pull request review comment, Check run, Check suite, Status, Push,
          Repository.
        </li>
        <li>
          Generate a private key and set <Key>GITHUB_APP_ID</Key>, <Key>GITHUB_APP_PRIVATE_KEY</Key> and{' '}
          <Key>GITHUB_WEBHOOK_SECRET</Key>.
        </li>
        <li>Install the app on your repositories and restart Teko.</li>
      </Method>
      <Method title="Token (quick start)">
        <li>On GitHub, open Settings, Developer settings, and create a fine-grained token for your repositories.</li>
        <li>
          Grant these permissions. Read and write: Contents, Issues, Pull requests, Actions. Read-only: Metadata, Commit
          statuses.
        </li>
        <li>
          Set <Key>GITHUB_TOKEN</Key>. Use a dedicated account: Teko posts comments and pull requests as its owner.
        </li>
        <li>
          Optional: add a webhook with the URL below to each repository, and set its secret as{' '}
          <Key>GITHUB_WEBHOOK_SECRET</Key>. Without it Teko polls GitHub every few minutes.
        </li>
        <li>Restart Teko.</li>
      </Method>
    </Box>
    <WebhookUrl url={webhookUrl} />
    <Typography color="text.secondary">
      For GitHub Enterprise, also set <Key>GITHUB_API_URL</Key>. See docs/github.md for details.
    </Typography>
  </>
);
