import type { User } from '@teko/domain';
import { PartialType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { Flag, Id, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** Somebody who may sign in. */
export class UserDto {
  @Id('Identifier.') id: string;
  @Text('Name.', 'Ada') name: string;
  @Text('Address, in lower case.', 'ada@example.com', { nullable: true }) email: string | null;
  @Text('Names of roles that hold on every repository.', 'developer', { isArray: true }) roles: string[];
  @Flag('A password is set.', false) hasPassword: boolean;
  @Flag('May not sign in.', false) disabled: boolean;
  @When('Created.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

export class CreateUserDto {
  @Text('Name.', 'Ada', { maxLength: 255 })
  @IsString({ message: 'must be text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(255, { message: 'is too long' })
  name: string;

  @Text('Whoever signs in by OAuth with this verified address is this user.', 'ada@example.com', {
    nullable: true,
    required: false,
  })
  @IsOptional()
  @ValidateIf((_, value) => value !== null)
  @IsEmail({}, { message: 'must be an address like ada@example.com' })
  @MaxLength(255, { message: 'is too long' })
  email?: string | null;

  @Text('Names of roles; none means only what is granted on single repositories.', 'developer', {
    isArray: true,
    required: false,
  })
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(20, { message: 'must be at most 20' })
  @IsString({ each: true, message: 'must be names of roles' })
  roles?: string[];
}

export class UpdateUserDto extends PartialType(CreateUserDto) {
  @Flag('May not sign in.', false, { required: false })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  disabled?: boolean;
}

export class SignInLinkDto {
  @Text('Signs in once.', 'https://teko.example/#/login?token=p5m…') url: string;
  @When('When it ends.') expiresAt: Date;
}

export class UserListQuery extends listQueryOf({
  sort: ['name', 'email', 'createdAt'],
  order: 'ASC',
  search: 'Text in name or address.',
  filters: { disabled: ['true', 'false'] },
}) {}

export function toUserDto({ passwordHash, ...user }: User): UserDto {
  return { ...user, hasPassword: passwordHash !== null };
}
