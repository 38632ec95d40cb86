import { BUDGET_PERIODS, BUDGET_SCOPES, type BudgetPeriod, type BudgetScope } from '@teko/contracts';
import type { Budget } from '@teko/domain';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { Id, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** A limit on the cost of model calls. */
export class BudgetDto implements Budget {
  @Id('Unique ID.') id: string;
  @OneOf(BUDGET_SCOPES, 'What the budget limits.') scope: BudgetScope;
  @Text('ID of the object that the budget limits; empty to limit each one separately.', '') scopeId: string;
  @OneOf(BUDGET_PERIODS, 'A calendar month in UTC, or all time.') period: BudgetPeriod;
  @Num('Millionths of a US dollar.', 25_000_000) limitMicros: number;
  @Num('Spent and reserved, in millionths of a US dollar; null if `scopeId` is empty.', 1_770_050, {
    nullable: true,
  })
  spentMicros: number | null;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

const MAX_MICROS = 1_000_000_000_000;

export class UpdateBudgetDto {
  @Num('Millionths of a US dollar.', 25_000_000)
  @IsInt({ message: 'must be a whole number of millionths of a dollar' })
  @Min(0, { message: 'must not be negative' })
  @Max(MAX_MICROS, { message: 'must be at most a million dollars' })
  limitMicros: number;
}

export class CreateBudgetDto extends UpdateBudgetDto {
  @OneOf(BUDGET_SCOPES, 'What the budget limits.')
  @IsIn(BUDGET_SCOPES, { message: `must be one of ${BUDGET_SCOPES.join(', ')}` })
  scope: BudgetScope;

  @Text('ID of the object that the budget limits; empty to limit each one separately.', '', {
    required: false,
    maxLength: 36,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(36, { message: 'is too long' })
  scopeId?: string;

  @OneOf(BUDGET_PERIODS, 'A calendar month in UTC, or all time.')
  @IsIn(BUDGET_PERIODS, { message: `must be one of ${BUDGET_PERIODS.join(', ')}` })
  period: BudgetPeriod;
}

export class BudgetListQuery extends listQueryOf({
  sort: ['createdAt', 'scope', 'limitMicros'],
  order: 'DESC',
  filters: { scope: BUDGET_SCOPES, scopeId: null, period: BUDGET_PERIODS },
}) {}
