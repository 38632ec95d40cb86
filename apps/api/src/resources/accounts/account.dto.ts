import { ACCOUNT_PROVIDERS, type AccountProvider } from '@teko/domain';
import { Id, OneOf, Text, When } from '../../http/fields';

/** An account of yours at a login provider. */
export class AccountDto {
  @Id('Identifier.') id: string;
  @OneOf(ACCOUNT_PROVIDERS, 'Provider.') provider: AccountProvider;
  @Text('Name there.', 'ada') login: string;
  @Text('Verified address there.', 'ada@example.com') email: string;
  @When('Linked.') createdAt: Date;
}
