import { Box, useTheme } from '@mui/material';
import type { Queue } from '../providers/http';

const HEIGHT = 80;

/** A bar for each hour: what succeeded, failed and was cancelled. */
export const HourChart = ({ hours }: { hours: Queue['hours'] }) => {
  const { palette } = useTheme();
  const kinds = [
    ['succeeded', palette.success.main],
    ['failed', palette.error.main],
    ['cancelled', palette.text.disabled],
  ] as const;
  const highest = Math.max(1, ...hours.map(({ succeeded, failed, cancelled }) => succeeded + failed + cancelled));
  const all = (kind: 'succeeded' | 'failed' | 'cancelled') => hours.reduce((sum, hour) => sum + hour[kind], 0);
  return (
    <figure style={{ margin: 0 }}>
      <Box aria-hidden sx={{ display: 'flex', alignItems: 'flex-end', gap: '2px', height: HEIGHT }}>
        {hours.map((hour) => (
          <Box
            key={hour.hour}
            title={`${new Date(hour.hour).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}: ${kinds
              .map(([kind]) => `${hour[kind]} ${kind}`)
              .join(', ')}`}
            sx={{ flex: 1, display: 'flex', flexDirection: 'column-reverse', height: '100%', bgcolor: 'action.hover' }}
          >
            {kinds.map(([kind, color]) => (
              <Box key={kind} sx={{ height: `${(100 * hour[kind]) / highest}%`, bgcolor: color }} />
            ))}
          </Box>
        ))}
      </Box>
      <figcaption>{kinds.map(([kind]) => `${all(kind)} ${kind}`).join(', ')} in the last 24 hours</figcaption>
    </figure>
  );
};
