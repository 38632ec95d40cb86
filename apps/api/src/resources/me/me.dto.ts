import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { Flag, Id, Nested, Text } from '../../http/fields';

export class CurrentUserDto {
  @Id('Unique ID.') id: string;
  @Text('Name.', 'Admin') name: string;
  @Text('Email address.', 'admin@example.com', { nullable: true }) email: string | null;
  @Text('Names of the roles.', 'admin', { isArray: true }) roles: string[];
  @Flag('Whether a password is set.', false) hasPassword: boolean;
}

/** The signed-in user and their permissions. */
export class MeDto {
  @Nested(() => CurrentUserDto, 'The user.') user: CurrentUserDto;
  @Text('Value for the X-CSRF-Token header of all requests except GET; null if an API token is used.', 'Zk3…', {
    nullable: true,
  })
  csrfToken: string | null;

  @ApiProperty({
    description: 'Packed CASL rules (actions, subjects, conditions) for `unpackRules` of @casl/ability/extra.',
    type: 'array',
    items: { type: 'array', items: {} },
    example: [['manage', 'all']],
  })
  rules: unknown[][];
}

export class UpdateMeDto {
  @Text('Name.', 'Ada', { maxLength: 255 })
  @IsString({ message: 'must be text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(255, { message: 'is too long' })
  name: string;
}

export class ChangePasswordDto {
  @Text('The current password; required if one is set.', 'old and long enough', { required: false, maxLength: 1000 })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(1000, { message: 'is too long' })
  currentPassword?: string;

  @Text('At least 12 characters.', 'correct horse battery staple', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  newPassword: string;
}
