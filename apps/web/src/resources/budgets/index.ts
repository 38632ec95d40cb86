import SavingsIcon from '@mui/icons-material/Savings';
import { BudgetCreate, BudgetEdit } from './BudgetForm';
import { BudgetList } from './BudgetList';

export const budgets = { list: BudgetList, create: BudgetCreate, edit: BudgetEdit, icon: SavingsIcon };
