import RefreshIcon from '@mui/icons-material/Refresh';
import {
  Alert,
  Box,
  Card,
  CardContent,
  Skeleton,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { EditButton, Show, TopToolbar, useRecordContext } from 'react-admin';
import { api, type Profile, type Repository } from '../../providers/http';
import { ActionButton } from '../../shared/ActionButton';
import { Away } from '../../shared/Away';
import { bytes, dateTime } from '../../shared/format';
import { DemoChip, StatusChip } from '../../shared/StatusChip';
import { ArchivedChip } from './ArchivedChip';

const COLORS = ['#2f5d62', '#df8b5a', '#5e7bb8', '#b8577a', '#7f9c4b', '#8a6fb3', '#4aa3a2', '#999999'];

const Actions = () => {
  const record = useRecordContext<Repository>();
  return (
    <TopToolbar sx={{ flexWrap: 'wrap' }}>
      {record && (
        <ActionButton
          label="Analyse again"
          icon={<RefreshIcon />}
          path={`/repositories/${record.id}/analyses`}
          permission={{ resource: 'repositories', action: 'edit' }}
          done="The repository will be fetched and analysed."
        />
      )}
      <EditButton />
    </TopToolbar>
  );
};

const Languages = ({ languages }: { languages: Profile['languages'] }) => (
  <Box>
    <Box sx={{ display: 'flex', height: 10, borderRadius: 5, overflow: 'hidden', mb: 1 }} aria-hidden>
      {languages.map(({ name, share }, i) => (
        <Box key={name} sx={{ width: `${share}%`, bgcolor: COLORS[Math.min(i, COLORS.length - 1)] }} />
      ))}
    </Box>
    <Box component="ul" sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, listStyle: 'none', p: 0, m: 0 }}>
      {languages.map(({ name, share, files, bytes: size }, i) => (
        <Typography component="li" variant="body2" key={name}>
          <Box
            component="span"
            sx={{
              display: 'inline-block',
              width: 10,
              height: 10,
              borderRadius: '50%',
              mr: 0.75,
              bgcolor: COLORS[Math.min(i, COLORS.length - 1)],
            }}
          />
          {name} {share} % ({files} files, {bytes(size)})
        </Typography>
      ))}
    </Box>
  </Box>
);

const Toolchains = ({ profile }: { profile: Profile }) => (
  <Box sx={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label="Toolchains">
    <Table size="small">
      <TableHead>
        <TableRow>
          {['Language', 'Folder', 'Packages', 'Test', 'Lint', 'Build'].map((head) => (
            <TableCell key={head}>{head}</TableCell>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {profile.toolchains.map(({ language, root, packageManager, commands }) => (
          <TableRow key={`${language} ${root}`}>
            <TableCell>{language}</TableCell>
            <TableCell>{root || 'top'}</TableCell>
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

const ProfileCard = ({ repositoryId }: { repositoryId: string }) => {
  const { data, error, isPending } = useQuery({
    queryKey: ['repositories', 'profile', repositoryId],
    queryFn: () => api<Profile>('GET', `/repositories/${repositoryId}/profile`),
    retry: false,
  });
  if (isPending) return <Skeleton variant="rounded" height={160} />;
  if (error) return <Alert severity="info">There is no profile yet: it is made by the first analysis.</Alert>;
  const excluded = Object.entries(data.excluded as Record<string, number>);
  return (
    <Card component="section" aria-label="Codebase profile">
      <CardContent sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <Typography variant="h6" component="h2">
          Codebase
        </Typography>
        <Typography variant="body2" color="text.secondary">
          {data.totalFiles} files, {bytes(data.totalBytes)} at commit {data.commit.slice(0, 12)}
          {excluded.length > 0 && `; left out: ${excluded.map(([why, count]) => `${count} ${why}`).join(', ')}`}
        </Typography>
        {data.languages.length > 0 ? (
          <Languages languages={data.languages} />
        ) : (
          <Typography>No programming language was found.</Typography>
        )}
        {data.frameworks.length > 0 && <Typography>Frameworks: {data.frameworks.join(', ')}</Typography>}
        {data.toolchains.length > 0 ? (
          <Toolchains profile={data} />
        ) : (
          <Typography>No toolchain was found: set a test command, so that changes can be proven.</Typography>
        )}
      </CardContent>
    </Card>
  );
};

const Intake = ({ repository: { intakeLabel, lostEvents, lookedAt } }: { repository: Repository }) => (
  <Typography variant="body2" color="text.secondary">
    Issues with the label {intakeLabel} become tasks. Lost webhooks found by asking: {lostEvents}, last look{' '}
    {lookedAt ? dateTime(lookedAt) : 'not yet'}
  </Typography>
);

const Summary = () => {
  const record = useRecordContext<Repository>();
  if (!record) return null;
  return (
    <Box sx={{ p: 2, display: 'grid', gap: 1.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Typography variant="h5" component="h1">
        {record.name}
        <DemoChip />
        <ArchivedChip />
      </Typography>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        <StatusChip value={record.status} />
        {record.forgeName ? (
          <Away href={record.url.replace(/\.git$/, '')}>{record.forgeName}</Away>
        ) : (
          <Typography sx={{ fontFamily: 'monospace', fontSize: 13, overflowWrap: 'anywhere' }}>{record.url}</Typography>
        )}
      </Box>
      {record.archived && (
        <Alert severity="warning">It is archived on GitHub: Teko takes nothing in from there any more.</Alert>
      )}
      {record.statusReason && <Alert severity="error">{record.statusReason}</Alert>}
      <Typography variant="body2" color="text.secondary">
        Branch {record.defaultBranch ?? 'not known yet'}, fetched {dateTime(record.fetchedAt)}
        {record.testCommand && `, tested by your command ${record.testCommand}`}
      </Typography>
      {record.forge === 'github' && <Intake repository={record} />}
      <ProfileCard repositoryId={record.id} />
    </Box>
  );
};

export const RepositoryShow = () => (
  <Show actions={<Actions />}>
    <Summary />
  </Show>
);
