import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AGENT_TYPES, type BudgetScope, type Page } from '@teko/contracts';
import {
  BudgetRepository,
  Clock,
  Ids,
  InvalidError,
  RepositoryRepository,
  RunRepository,
  TaskRepository,
  UserRepository,
  type Budget,
} from '@teko/domain';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { BudgetDto, BudgetListQuery, CreateBudgetDto, UpdateBudgetDto } from './budget.dto';

@ApiTags('budgets')
@Controller('api/v1/budgets')
export class BudgetsController {
  private readonly exists: Record<BudgetScope, (id: string) => Promise<boolean>>;

  constructor(
    @Inject(BudgetRepository) private readonly budgets: BudgetRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(RepositoryRepository) repositories: RepositoryRepository,
    @Inject(UserRepository) users: UserRepository,
    @Inject(TaskRepository) tasks: TaskRepository,
    @Inject(RunRepository) runs: RunRepository,
  ) {
    this.exists = {
      installation: async () => false,
      repository: async (id) => (await repositories.findById(id)) !== null,
      user: async (id) => (await users.findById(id)) !== null,
      task: async (id) => (await tasks.findById(id)) !== null,
      run: async (id) => (await runs.findById(id)) !== null,
      agent: async (id) => (AGENT_TYPES as readonly string[]).includes(id),
    };
  }

  @Get()
  @Endpoint({ summary: 'List budgets', can: ['read', 'Budget'], ok: BudgetDto, shape: 'page', errors: [422] })
  async list(@Query() query: BudgetListQuery): Promise<Page<BudgetDto>> {
    const { data, total } = await this.budgets.list(toListQuery(query, undefined));
    return { data: await Promise.all(data.map((budget) => this.withSpent(budget))), total };
  }

  @Post()
  @Endpoint({
    summary: 'Create a budget',
    description: 'Earlier spending in the current period counts too.',
    can: ['create', 'Budget'],
    ok: BudgetDto,
    status: 201,
    errors: [409, 422],
    writes: true,
  })
  async create(@Body() { scope, scopeId = '', period, limitMicros }: CreateBudgetDto): Promise<BudgetDto> {
    if (scope === 'installation' && scopeId)
      throw new InvalidError({ scopeId: 'must be empty for the scope installation' });
    if (scopeId && !(await this.exists[scope](scopeId))) throw new InvalidError({ scopeId: `no such ${scope}` });
    const now = this.clock.now();
    const budget = { id: this.ids.next(), scope, scopeId, period, limitMicros, createdAt: now, updatedAt: now };
    await this.budgets.insert(budget);
    return this.withSpent(budget);
  }

  @Get(':id')
  @Endpoint({ summary: 'Get a budget', can: ['read', 'Budget'], of: 'Budget', ok: BudgetDto, errors: [404] })
  async show(@Param('id') id: string): Promise<BudgetDto> {
    return this.withSpent(await findOrThrow('budget', id, this.budgets.findById(id)));
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Update the limit of a budget',
    can: ['update', 'Budget'],
    of: 'Budget',
    ok: BudgetDto,
    errors: [404, 422],
    writes: true,
  })
  async update(@Param('id') id: string, @Body() { limitMicros }: UpdateBudgetDto): Promise<BudgetDto> {
    return this.withSpent(await this.budgets.update(id, { limitMicros, updatedAt: this.clock.now() }));
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Delete a budget',
    can: ['delete', 'Budget'],
    of: 'Budget',
    status: 204,
    errors: [404],
    writes: true,
  })
  remove(@Param('id') id: string): Promise<void> {
    return this.budgets.delete(id);
  }

  private async withSpent(budget: Budget): Promise<BudgetDto> {
    return { ...budget, spentMicros: await this.budgets.usedMicros(budget, this.clock.now()) };
  }
}
