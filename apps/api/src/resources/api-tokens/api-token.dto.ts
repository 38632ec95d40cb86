import { ACTIONS, SUBJECTS, type Permission } from '@teko/contracts';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsDateString,
  IsIn,
  IsString,
  MaxLength,
  MinLength,
} from 'class-validator';
import { Id, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** Every permission that a role or a token can have. */
export const PERMISSIONS: Permission[] = [...SUBJECTS, 'all' as const].flatMap((subject) =>
  ACTIONS.map((action): Permission => `${action}:${subject}`),
);

/** A token for API access. */
export class ApiTokenDto {
  @Id('Unique ID.') id: string;
  @Text('Name of the token.', 'CI') name: string;
  @Text('First characters of the token.', 'teko_Zk3ab') prefix: string;
  @Text('Permissions of the token.', 'read:Task', { isArray: true }) scopes: Permission[];
  @When('When it expires.', { example: '2026-12-23T09:30:00.000Z' }) expiresAt: Date;
  @When('When it was last used.', { nullable: true, example: null }) lastUsedAt: Date | null;
  @When('When it was created.') createdAt: Date;
}

export class NewApiTokenDto extends ApiTokenDto {
  @Text('The token. It is shown only once.', 'teko_Zk3abQ…') secret: string;
}

export class CreateApiTokenDto {
  @Text('Name of the token.', 'CI', { maxLength: 100 })
  @IsString({ message: 'must be text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(100, { message: 'is too long' })
  name: string;

  @Text('Permissions, each `action:Subject`. You must have all of them yourself.', 'read:Task', { isArray: true })
  @IsArray({ message: 'must be a list' })
  @ArrayNotEmpty({ message: 'must not be empty' })
  @ArrayMaxSize(200, { message: 'must be at most 200' })
  @IsIn(PERMISSIONS, { each: true, message: 'must be permissions such as read:Task' })
  scopes: Permission[];

  @When('When the token expires; at most a year from now.', { example: '2026-12-23T09:30:00.000Z' })
  @IsDateString({}, { message: 'must be a date and time such as 2026-12-31T00:00:00Z' })
  expiresAt: string;
}

export class ApiTokenListQuery extends listQueryOf({
  sort: ['createdAt', 'name', 'expiresAt', 'lastUsedAt'],
  order: 'DESC',
}) {}
