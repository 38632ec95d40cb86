import { Box, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { api, type Profile } from '../../../providers/http';
import { Section } from '../../../shared/Section';
import { dateTime } from '../../../shared/format';
import { colorOf } from './languages';

const HEIGHT = 96;
const MAX_LABELS = 5;

/** Shows the language shares per analysed commit, oldest first. */
export const LanguageHistory = ({ repositoryId }: { repositoryId: string }) => {
  const { data, error, isPending } = useQuery({
    queryKey: ['repositories', 'profiles', repositoryId],
    queryFn: () => api<{ data: Profile[] }>('GET', `/repositories/${repositoryId}/profiles`),
  });
  const profiles = (data?.data ?? []).toReversed();
  const names = (profiles.at(-1)?.languages ?? []).slice(0, MAX_LABELS).map(({ name }) => name);
  return (
    <Section title="Languages over time" loading={isPending} error={error}>
      {profiles.length < 2 ? (
        <Typography color="text.secondary">
          The chart needs at least two analysed commits; there {profiles.length === 1 ? 'is one' : 'are none'} so far.
        </Typography>
      ) : (
        <figure style={{ margin: 0 }}>
          <Box aria-hidden sx={{ display: 'flex', gap: '2px', height: HEIGHT }}>
            {profiles.map((profile) => (
              <Box
                key={profile.id}
                title={`${dateTime(profile.createdAt)}, ${profile.commit.slice(0, 12)}: ${profile.languages
                  .slice(0, MAX_LABELS)
                  .map(({ name, share }) => `${name} ${share} %`)
                  .join(', ')}`}
                sx={{ flex: 1, maxWidth: 32, display: 'flex', flexDirection: 'column', bgcolor: 'action.hover' }}
              >
                {profile.languages.map(({ name, share }) => (
                  <Box
                    key={name}
                    sx={{ height: `${share}%`, bgcolor: colorOf(names.includes(name) ? names.indexOf(name) : 7) }}
                  />
                ))}
              </Box>
            ))}
          </Box>
          <Typography component="figcaption" variant="caption" color="text.secondary">
            {profiles.length} commits from {dateTime(profiles[0]?.createdAt)} to {dateTime(profiles.at(-1)?.createdAt)}:{' '}
            {names
              .map((name) => `${name} ${shareOf(profiles[0], name)} % → ${shareOf(profiles.at(-1), name)} %`)
              .join(', ')}
          </Typography>
        </figure>
      )}
    </Section>
  );
};

function shareOf(profile: Profile | undefined, language: string): number {
  return profile?.languages.find(({ name }) => name === language)?.share ?? 0;
}
