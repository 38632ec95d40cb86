import AssignmentIcon from '@mui/icons-material/Assignment';
import { TaskCreate, TaskEdit } from './TaskForm';
import { TaskList } from './TaskList';
import { TaskShow } from './TaskShow';

export const tasks = {
  list: TaskList,
  show: TaskShow,
  create: TaskCreate,
  edit: TaskEdit,
  icon: AssignmentIcon,
  recordRepresentation: (task: { number: number; title: string }) => `Task ${task.number}: ${task.title}`,
};
