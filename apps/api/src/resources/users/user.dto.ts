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

/** A user of Teko. */
export class UserDto {
  @Id('Unique ID.') id: string;
  @Text('Name.', 'Ada') name: string;
  @Text('Email address in lower case.', 'ada@example.com', { nullable: true }) email: string | null;
  @Text('Names of roles that apply to all repositories.', 'developer', { isArray: true }) roles: string[];
  @Flag('Whether a password is set.', false) hasPassword: boolean;
  @Flag('Whether sign-in is disabled.', false) disabled: boolean;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

export class CreateUserDto {
  @Text('Name.', 'Ada', { maxLength: 255 })
  @IsString({ message: 'must be text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(255, { message: 'is too long' })
  name: string;

  @Text('Email address. An OAuth sign-in with this verified address signs in this user.', 'ada@example.com', {
    nullable: true,
    required: false,
  })
  @IsOptional()
  @ValidateIf((_, value) => value !== null)
  @IsEmail({}, { message: 'must be an email address such as ada@example.com' })
  @MaxLength(255, { message: 'is too long' })
  email?: string | null;

  @Text('Names of roles; without roles the user has only the grants on single repositories.', 'developer', {
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
  @Flag('Whether sign-in is disabled.', false, { required: false })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  disabled?: boolean;
}

export class SignInLinkDto {
  @Text('URL that signs in once.', 'https://teko.example/#/login?token=p5m…') url: string;
  @When('When the link expires.', { example: '2026-11-24T09:30:00.000Z' }) expiresAt: Date;
}

export class UserListQuery extends listQueryOf({
  sort: ['name', 'email', 'createdAt'],
  order: 'ASC',
  search: 'Searches in name and email address.',
  filters: { disabled: ['true', 'false'] },
}) {}

export function toUserDto({ passwordHash, ...user }: User): UserDto {
  return { ...user, hasPassword: passwordHash !== null };
}
