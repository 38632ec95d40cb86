import PlayCircleIcon from '@mui/icons-material/PlayCircle';
import { RunList } from './RunList';
import { RunShow } from './RunShow';

export const runs = {
  list: RunList,
  show: RunShow,
  icon: PlayCircleIcon,
  recordRepresentation: (run: { number: number }) => `Run ${run.number}`,
};
