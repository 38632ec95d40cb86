import { ACCOUNT_PROVIDERS, type AccountProvider } from '@teko/domain';
import { Flag, OneOf } from '../http/fields';

export class SignInMethodsDto {
  @Flag('By address and password.', true) password: boolean;
  @OneOf(ACCOUNT_PROVIDERS, 'By OAuth.', { isArray: true }) providers: AccountProvider[];
}
