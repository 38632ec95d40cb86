import LightbulbIcon from '@mui/icons-material/LightbulbOutlined';
import type { Insight } from '../../providers/http';
import { InsightCreate, InsightEdit } from './InsightForm';
import { InsightList } from './InsightList';
import { InsightShow } from './InsightShow';

export const insights = {
  list: InsightList,
  show: InsightShow,
  create: InsightCreate,
  edit: InsightEdit,
  icon: LightbulbIcon,
  recordRepresentation: ({ text }: Insight) => (text.length > 60 ? `${text.slice(0, 60)}…` : text),
};
