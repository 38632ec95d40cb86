import { Alert, Typography } from '@mui/material';
import type { Connection } from '../../providers/http';
import { Section } from '../../shared/Section';
import { Diagnoses } from './Diagnoses';
import { GithubSetup } from './GithubSetup';
import { WebhookAddress } from './WebhookAddress';

const KINDS = { app: 'as a GitHub App', token: 'with a token' };

export const GithubConnection = ({ connection }: { connection: Connection }) => {
  const { kind, login, apiUrl, webhookUrl, hasWebhookSecret } = connection;
  if (!kind)
    return (
      <Section title="GitHub" hint="Not connected yet. With it, issues become tasks and changes become pull requests.">
        <GithubSetup webhookUrl={webhookUrl} />
      </Section>
    );
  return (
    <Section title="GitHub">
      <Typography>
        {login ? (
          <>
            Teko is <strong>{login}</strong> at {apiUrl}, {KINDS[kind]}.
          </>
        ) : (
          `${apiUrl} does not say who Teko is there (it signs in ${KINDS[kind]}).`
        )}
      </Typography>
      <WebhookAddress url={webhookUrl} />
      {!hasWebhookSecret && (
        <Alert severity="warning">
          Webhooks are refused until GITHUB_WEBHOOK_SECRET is set. Until then GitHub is asked every few minutes.
        </Alert>
      )}
      <Diagnoses />
    </Section>
  );
};
