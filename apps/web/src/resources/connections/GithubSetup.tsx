import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { WebhookAddress } from './WebhookAddress';

const Key = ({ children }: { children: string }) => (
  <Box component="code" sx={{ fontSize: 13, overflowWrap: 'anywhere' }}>
    {children}
  </Box>
);

const Way = ({ title, children }: { title: string; children: ReactNode }) => (
  <Box component="section" aria-label={title} sx={{ minWidth: 0 }}>
    <Typography variant="subtitle1" component="h3">
      {title}
    </Typography>
    <Box component="ol" sx={{ m: 0, pl: 2.5, '& li': { my: 0.75 } }}>
      {children}
    </Box>
  </Box>
);

/** What is to be set, step by step. */
export const GithubSetup = ({ webhookUrl }: { webhookUrl: string }) => (
  <>
    <Box
      sx={{ display: 'grid', gap: 3, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' } }}
    >
      <Way title="With a GitHub App (best for teams)">
        <li>On GitHub, under Settings, Developer settings, GitHub Apps, make a new app.</li>
        <li>
          Give it these permissions on repositories. Read and write: Contents, Issues, Pull requests, Actions. Read:
          Metadata, Checks, Commit statuses. For teams as reviewers, on the organisation: Members, read.
        </li>
        <li>
          Switch its webhook on, with the address below and a secret of at least 16 characters. Let it send: Issues,
          Issue comment, Pull request, Pull request review, Pull request review comment, Check run, Check suite, Status,
          Push, Repository.
        </li>
        <li>
          Generate a private key, and set <Key>GITHUB_APP_ID</Key>, <Key>GITHUB_APP_PRIVATE_KEY</Key> and{' '}
          <Key>GITHUB_WEBHOOK_SECRET</Key>.
        </li>
        <li>Install the app on the repositories, and start Teko again.</li>
      </Way>
      <Way title="With a token (quick)">
        <li>On GitHub, under Settings, Developer settings, make a fine-grained token for the repositories.</li>
        <li>
          Give it these permissions. Read and write: Contents, Issues, Pull requests, Actions. Read: Metadata, Commit
          statuses.
        </li>
        <li>
          Set <Key>GITHUB_TOKEN</Key>. Best is the token of an account of its own: what Teko says comes from it.
        </li>
        <li>
          Optional: on each repository add a webhook with the address below, and set its secret as{' '}
          <Key>GITHUB_WEBHOOK_SECRET</Key>. Without it GitHub is asked every few minutes.
        </li>
        <li>Start Teko again.</li>
      </Way>
    </Box>
    <WebhookAddress url={webhookUrl} />
    <Typography color="text.secondary">
      GitHub Enterprise: set <Key>GITHUB_API_URL</Key> too. All of it stands in docs/github.md.
    </Typography>
  </>
);
