import { Box, Button } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { api, type Account, type SignInMethods } from '../providers/http';
import { dateTime } from '../shared/format';
import { PROVIDER_NAMES } from '../shared/providers';
import { useOwnRows } from './own-rows';
import { RowList } from '../shared/RowList';
import { Section } from '../shared/Section';

export const Accounts = () => {
  const { rows, loading, error, remove } = useOwnRows<Account>('accounts', 'Account unlinked.');
  const { data: methods } = useQuery({
    queryKey: ['sign-in-methods'],
    queryFn: () => api<SignInMethods>('GET', '/sign-in-methods'),
  });
  const unlinked = methods?.providers.filter((provider) => !rows.some((row) => row.provider === provider)) ?? [];
  return (
    <Section title="Linked accounts" hint="Ways to sign in without a password." loading={loading} error={error}>
      <RowList
        rows={rows.map(({ id, provider, login, email, createdAt }) => ({
          id,
          primary: `${PROVIDER_NAMES[provider]}: ${login}`,
          secondary: `${email}, linked ${dateTime(createdAt)}`,
          action: 'Unlink',
        }))}
        empty="No linked accounts."
        onAction={remove}
      />
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        {unlinked.map((provider) => (
          <Button key={provider} variant="outlined" href={`/auth/${provider}?link=1`}>
            Link {PROVIDER_NAMES[provider]}
          </Button>
        ))}
      </Box>
    </Section>
  );
};
