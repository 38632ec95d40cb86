import MergeIcon from '@mui/icons-material/CallMerge';
import { ChangeList } from './ChangeList';
import { ChangeShow } from './ChangeShow';

export const changes = {
  list: ChangeList,
  show: ChangeShow,
  icon: MergeIcon,
  recordRepresentation: (change: { number: number; title: string }) => `Change ${change.number}: ${change.title}`,
};
