import { Box, Typography, useTheme } from '@mui/material';
import type { Queue } from '../providers/http';
import { milliseconds } from '../shared/format';

const HEIGHT = 80;
const LINE_HEIGHT = 48;

/** One bar per hour: runs that succeeded, failed and were cancelled. */
export const HourChart = ({ hours }: { hours: Queue['hours'] }) => {
  const { palette } = useTheme();
  const kinds = [
    ['succeeded', palette.success.main],
    ['failed', palette.error.main],
    ['cancelled', palette.text.disabled],
  ] as const;
  const highest = Math.max(1, ...hours.map(({ succeeded, failed, cancelled }) => succeeded + failed + cancelled));
  const total = (kind: 'succeeded' | 'failed' | 'cancelled') => hours.reduce((sum, hour) => sum + hour[kind], 0);
  return (
    <figure style={{ margin: 0 }}>
      <Box aria-hidden sx={{ display: 'flex', alignItems: 'flex-end', gap: '2px', height: HEIGHT }}>
        {hours.map((hour) => (
          <Box
            key={hour.hour}
            title={`${new Date(hour.hour).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}: ${kinds
              .map(([kind]) => `${hour[kind]} ${kind}`)
              .join(
                ', ',
              )}; median wait ${milliseconds(hour.medianWaitMs)}, median run ${milliseconds(hour.medianRunMs)}`}
            sx={{ flex: 1, display: 'flex', flexDirection: 'column-reverse', height: '100%', bgcolor: 'action.hover' }}
          >
            {kinds.map(([kind, color]) => (
              <Box key={kind} sx={{ height: `${(100 * hour[kind]) / highest}%`, bgcolor: color }} />
            ))}
          </Box>
        ))}
      </Box>
      <MedianLine hours={hours} />
      <figcaption>{kinds.map(([kind]) => `${total(kind)} ${kind}`).join(', ')} in the last 24 hours</figcaption>
    </figure>
  );
};

/** Median wait and run time per hour; both lines share one scale. */
const MedianLine = ({ hours }: { hours: Queue['hours'] }) => {
  const { palette } = useTheme();
  const kinds = [
    ['medianWaitMs', 'wait', palette.warning.main],
    ['medianRunMs', 'run', palette.info.main],
  ] as const;
  const highest = Math.max(
    1,
    ...hours.flatMap(({ medianWaitMs, medianRunMs }) => [medianWaitMs ?? 0, medianRunMs ?? 0]),
  );
  const points = (kind: 'medianWaitMs' | 'medianRunMs') =>
    hours.flatMap((hour, i) => {
      const value = hour[kind];
      return value === null ? [] : [[i + 0.5, LINE_HEIGHT - 2 - (value / highest) * (LINE_HEIGHT - 4)] as const];
    });
  return (
    <Box sx={{ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap', mt: 1 }}>
      <svg
        viewBox={`0 0 ${hours.length} ${LINE_HEIGHT}`}
        preserveAspectRatio="none"
        style={{ width: '100%', height: LINE_HEIGHT }}
        aria-hidden
      >
        {kinds.map(([kind, , color]) => (
          <g key={kind} stroke={color} fill="none">
            <polyline
              points={points(kind)
                .map((point) => point.join(','))
                .join(' ')}
              vectorEffect="non-scaling-stroke"
            />
            {points(kind).map(([x, y]) => (
              <line key={x} x1={x - 0.2} x2={x + 0.2} y1={y} y2={y} strokeWidth={3} vectorEffect="non-scaling-stroke" />
            ))}
          </g>
        ))}
      </svg>
      <Typography variant="caption" color="text.secondary">
        {kinds.map(([kind, name, color]) => (
          <Box component="span" key={kind} sx={{ mr: 2 }}>
            <Box component="span" sx={{ color }}>
              ▬
            </Box>{' '}
            median {name}
          </Box>
        ))}
        up to {milliseconds(highest)}
      </Typography>
    </Box>
  );
};
