import CableIcon from '@mui/icons-material/Cable';
import { ConnectionList } from './ConnectionList';

export const connections = { list: ConnectionList, icon: CableIcon };
