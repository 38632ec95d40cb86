import { Controller, Delete, Get, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { AccountService, CurrentIdentity, type Identity } from '@teko/identity';
import { Endpoint } from '../../http/endpoint.decorator';
import { AccountDto } from './account.dto';

@ApiTags('accounts')
@Controller('api/v1/accounts')
export class AccountsController {
  constructor(@Inject(AccountService) private readonly accounts: AccountService) {}

  @Get()
  @Endpoint({
    summary: 'List your linked accounts',
    can: ['read', 'Account'],
    of: 'own',
    ok: AccountDto,
    shape: 'page',
  })
  async list(@CurrentIdentity() { user }: Identity): Promise<Page<AccountDto>> {
    const rows = await this.accounts.list(user.id);
    const data = rows.map(({ id, provider, login, email, createdAt }) => ({ id, provider, login, email, createdAt }));
    return { data, total: data.length };
  }

  @Delete(':id')
  @Endpoint({
    summary: 'Unlink one of your accounts',
    description: 'Returns 409 if you could not sign in without it.',
    can: ['delete', 'Account'],
    of: 'own',
    status: 204,
    errors: [404, 409],
    writes: true,
  })
  remove(@Param('id') id: string, @CurrentIdentity() { user }: Identity): Promise<void> {
    return this.accounts.unlink(id, user);
  }
}
