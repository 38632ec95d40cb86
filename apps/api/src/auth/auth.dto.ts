import { ACCOUNT_PROVIDERS, type AccountProvider } from '@teko/domain';
import { Flag, OneOf } from '../http/fields';

export class SignInMethodsDto {
  @Flag('Whether sign-in with email address and password is enabled.', true) password: boolean;
  @OneOf(ACCOUNT_PROVIDERS, 'Configured OAuth providers.', { isArray: true }) providers: AccountProvider[];
}
