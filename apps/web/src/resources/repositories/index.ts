import FolderIcon from '@mui/icons-material/Folder';
import { RepositoryCreate, RepositoryEdit } from './RepositoryForm';
import { RepositoryList } from './RepositoryList';
import { RepositoryShow } from './RepositoryShow';

export const repositories = {
  list: RepositoryList,
  show: RepositoryShow,
  create: RepositoryCreate,
  edit: RepositoryEdit,
  icon: FolderIcon,
  recordRepresentation: 'name',
};
