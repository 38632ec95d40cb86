import { ROLES, type Role } from '@teko/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { Id, Nested, OneOf, Text } from '../../http/fields';

export class UserDto {
  @Id('Identifier.') id: string;
  @Text('Name.', 'Admin') name: string;
  @Text('E-mail.', 'admin@example.com', { nullable: true }) email: string | null;
  @OneOf(ROLES, 'Roles.', { isArray: true }) roles: Role[];
}

/** Who is signed in, and what they may do. */
export class MeDto {
  @Nested(() => UserDto, 'The user.') user: UserDto;
  @Text('Goes into the X-CSRF-Token header of everything that is not a GET.', 'Zk3…') csrfToken: string;

  @ApiProperty({
    description:
      'Packed CASL rules: lists of actions and subjects, as `unpackRules` of @casl/ability/extra reads them.',
    type: 'array',
    items: { type: 'array', items: { type: 'string' } },
    example: [['manage', 'all']],
  })
  rules: string[][];
}
