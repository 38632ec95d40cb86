import BadgeIcon from '@mui/icons-material/Badge';
import { RoleCreate, RoleEdit } from './RoleForm';
import { RoleList } from './RoleList';
import { RoleShow } from './RoleShow';

export const roles = {
  list: RoleList,
  show: RoleShow,
  create: RoleCreate,
  edit: RoleEdit,
  icon: BadgeIcon,
  recordRepresentation: 'name',
};
