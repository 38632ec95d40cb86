import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { Flag, Id, Nested, Text } from '../../http/fields';

export class MyselfDto {
  @Id('Identifier.') id: string;
  @Text('Name.', 'Admin') name: string;
  @Text('E-mail.', 'admin@example.com', { nullable: true }) email: string | null;
  @Text('Names of roles.', 'admin', { isArray: true }) roles: string[];
  @Flag('A password is set.', false) hasPassword: boolean;
}

/** Who is signed in, and what they may do. */
export class MeDto {
  @Nested(() => MyselfDto, 'The user.') user: MyselfDto;
  @Text('Goes into the X-CSRF-Token header of everything that is not a GET; null with a token.', 'Zk3…', {
    nullable: true,
  })
  csrfToken: string | null;

  @ApiProperty({
    description:
      'Packed CASL rules: lists of actions, subjects and conditions, as `unpackRules` of @casl/ability/extra reads them.',
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
  @Text('The password that is set, if one is.', 'old and long enough', { required: false, maxLength: 1000 })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(1000, { message: 'is too long' })
  currentPassword?: string;

  @Text('At least 12 characters.', 'correct horse battery staple', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  newPassword: string;
}
