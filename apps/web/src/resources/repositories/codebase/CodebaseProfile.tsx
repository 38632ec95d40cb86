import { Alert, Box, Skeleton, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { HttpError } from 'react-admin';
import { api, type Profile, type Repository } from '../../../providers/http';
import { Section } from '../../../shared/Section';
import { bytes } from '../../../shared/format';
import { RepositoryCommands } from './Commands';
import { HotSpots } from './HotSpots';
import { Languages } from './Languages';
import { LanguageHistory } from './LanguageHistory';
import { Modules } from './Modules';

/** Shows the codebase profile: languages, frameworks, toolchains, modules and hot spots. */
export const CodebaseProfile = ({ repository }: { repository: Repository }) => {
  const { data, error, isPending } = useQuery({
    queryKey: ['repositories', 'profile', repository.id],
    queryFn: () => api<Profile>('GET', `/repositories/${repository.id}/profile`),
    retry: false,
  });
  if (isPending) return <Skeleton variant="rounded" height={160} />;
  return (
    <>
      {data && <ProfileSummary profile={data} />}
      {error && <ProfileError error={error} />}
      <RepositoryCommands repository={repository} profile={data} />
      {data && (
        <>
          <Modules profile={data} />
          <HotSpots profile={data} />
          <LanguageHistory repositoryId={repository.id} />
        </>
      )}
    </>
  );
};

const ProfileError = ({ error }: { error: Error }) =>
  error instanceof HttpError && error.status === 404 ? (
    <Alert severity="info">No profile yet. The first analysis creates it.</Alert>
  ) : (
    <Alert severity="error">{error.message}</Alert>
  );

const ProfileSummary = ({ profile }: { profile: Profile }) => {
  const excluded = Object.entries(profile.excluded as Record<string, number>);
  return (
    <Section title="Codebase">
      <Typography variant="body2" color="text.secondary">
        {profile.totalFiles} files, {bytes(profile.totalBytes)} at commit {profile.commit.slice(0, 12)}
        {excluded.length > 0 && `; excluded: ${excluded.map(([reason, count]) => `${count} ${reason}`).join(', ')}`}
      </Typography>
      {profile.languages.length > 0 ? (
        <Languages languages={profile.languages} />
      ) : (
        <Typography>No programming language detected.</Typography>
      )}
      {profile.frameworks.length > 0 && <Typography>Frameworks: {profile.frameworks.join(', ')}</Typography>}
      {profile.toolchains.length > 0 ? (
        <Toolchains profile={profile} />
      ) : (
        <Typography>No toolchain detected. Set a test command below so that Teko can verify changes.</Typography>
      )}
    </Section>
  );
};

const Toolchains = ({ profile }: { profile: Profile }) => (
  <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label="Toolchains">
    <Table size="small">
      <TableHead>
        <TableRow>
          {['Language', 'Folder', 'Package manager', 'Test', 'Lint', 'Build'].map((head) => (
            <TableCell key={head}>{head}</TableCell>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {profile.toolchains.map(({ language, root, packageManager, commands }) => (
          <TableRow key={`${language} ${root}`}>
            <TableCell>{language}</TableCell>
            <TableCell>{root || 'root'}</TableCell>
            <TableCell>{packageManager ?? '–'}</TableCell>
            {[commands.test, commands.lint, commands.build].map((command, i) => (
              <TableCell key={i} sx={{ fontFamily: 'monospace', fontSize: 12.5 }}>
                {command ?? '–'}
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  </Box>
);
