import { Box, Typography } from '@mui/material';
import type { Profile } from '../../../providers/http';
import { Section } from '../../../shared/Section';
import { bytes } from '../../../shared/format';
import { colorOf } from './languages';

/** Shows the folders of the code, sized by their content. */
export const Modules = ({ profile }: { profile: Profile }) => {
  const modules = profile.modules ?? [];
  const names = profile.languages.map(({ name }) => name);
  const total = Math.max(
    1,
    modules.reduce((sum, { bytes: size }) => sum + size, 0),
  );
  return (
    <Section title="Modules" hint="Folders by size, coloured by their main language">
      {modules.length === 0 && (
        <Typography color="text.secondary">
          {profile.modules
            ? 'No code found.'
            : 'Run the analysis to see modules. This profile was created by an earlier version.'}
        </Typography>
      )}
      <Box component="ul" sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.5, listStyle: 'none', p: 0, m: 0 }}>
        {modules.map(({ path, files, bytes: size, language, commits }) => (
          <Box
            component="li"
            key={path}
            title={`${path}: ${files} files, ${bytes(size)}, ${language ?? 'no language'}, ${commits} recent commits`}
            sx={{
              flex: `${Math.max(size / total, 0.02) * 100} 1 120px`,
              minHeight: 56,
              p: 1,
              minWidth: 0,
              borderRadius: 1,
              borderLeft: 6,
              borderColor: colorOf(language ? names.indexOf(language) : 7),
              bgcolor: 'action.hover',
            }}
          >
            <Typography variant="body2" sx={{ fontFamily: 'monospace', overflowWrap: 'anywhere' }}>
              {path === '.' ? 'root' : path}
            </Typography>
            <Typography variant="caption" color="text.secondary">
              {files} files, {bytes(size)}
              {commits > 0 && `, ${commits} recent commits`}
            </Typography>
          </Box>
        ))}
      </Box>
    </Section>
  );
};
