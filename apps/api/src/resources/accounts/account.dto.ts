import { ACCOUNT_PROVIDERS, type AccountProvider } from '@teko/domain';
import { Id, OneOf, Text, When } from '../../http/fields';

/** Your linked account at an OAuth provider. */
export class AccountDto {
  @Id('Unique ID.') id: string;
  @OneOf(ACCOUNT_PROVIDERS, 'OAuth provider.') provider: AccountProvider;
  @Text('User name at the provider.', 'ada') login: string;
  @Text('Verified email address at the provider.', 'ada@example.com') email: string;
  @When('When it was linked.') createdAt: Date;
}
