import { Alert, Typography } from '@mui/material';
import type { Connection } from '../../providers/http';
import { Section } from '../../shared/Section';
import { Diagnoses } from './Diagnoses';
import { GithubSetup } from './GithubSetup';
import { WebhookUrl } from './WebhookUrl';

const KINDS = { app: 'GitHub App', token: 'token' };

export const GithubConnection = ({ connection }: { connection: Connection }) => {
  const { kind, login, apiUrl, webhookUrl, hasWebhookSecret } = connection;
  if (!kind)
    return (
      <Section
        title="GitHub"
        hint="Not connected. Once connected, issues become tasks and changes become pull requests."
      >
        <GithubSetup webhookUrl={webhookUrl} />
      </Section>
    );
  return (
    <Section title="GitHub">
      <Typography>
        {login ? (
          <>
            Connected to {apiUrl} as <strong>{login}</strong> ({KINDS[kind]}).
          </>
        ) : (
          `${apiUrl} did not return the account of this ${KINDS[kind]}. Test the connection.`
        )}
      </Typography>
      <WebhookUrl url={webhookUrl} />
      {!hasWebhookSecret && (
        <Alert severity="warning">
          Webhooks are rejected until you set GITHUB_WEBHOOK_SECRET. Until then Teko polls GitHub every few minutes.
        </Alert>
      )}
      <Diagnoses />
    </Section>
  );
};
