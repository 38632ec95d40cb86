import HistoryIcon from '@mui/icons-material/History';
import { AuditLogEntryList } from './AuditLogEntryList';

export const auditLogEntries = { list: AuditLogEntryList, icon: HistoryIcon, options: { label: 'Audit log' } };
