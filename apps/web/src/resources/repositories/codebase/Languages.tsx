import { Box, Typography } from '@mui/material';
import type { Profile } from '../../../providers/http';
import { bytes } from '../../../shared/format';
import { colorOf } from './languages';

/** Shows the language shares as a bar and in numbers. */
export const Languages = ({ languages }: { languages: Profile['languages'] }) => (
  <Box>
    <Box sx={{ display: 'flex', height: 10, borderRadius: 5, overflow: 'hidden', mb: 1 }} aria-hidden>
      {languages.map(({ name, share }, i) => (
        <Box key={name} sx={{ width: `${share}%`, bgcolor: colorOf(i) }} />
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
              bgcolor: colorOf(i),
            }}
          />
          {name} {share} % ({files} files, {bytes(size)})
        </Typography>
      ))}
    </Box>
  </Box>
);
