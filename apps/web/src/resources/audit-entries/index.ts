import HistoryIcon from '@mui/icons-material/History';
import { AuditEntryList } from './AuditEntryList';

export const auditEntries = { list: AuditEntryList, icon: HistoryIcon, options: { label: 'Audit log' } };
