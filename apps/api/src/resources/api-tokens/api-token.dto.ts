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

/** A key for programs. */
export class ApiTokenDto {
  @Id('Identifier.') id: string;
  @Text('What it is for.', 'CI') name: string;
  @Text('How it begins.', 'teko_Zk3ab') prefix: string;
  @Text('It may do no more than these.', 'read:Task', { isArray: true }) scopes: Permission[];
  @When('Ends.') expiresAt: Date;
  @When('Last used.', { nullable: true }) lastUsedAt: Date | null;
  @When('Created.') createdAt: Date;
}

export class NewApiTokenDto extends ApiTokenDto {
  @Text('The key. It is shown this once.', 'teko_Zk3abQ…') secret: string;
}

export class CreateApiTokenDto {
  @Text('What it is for.', 'CI', { maxLength: 100 })
  @IsString({ message: 'must be text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(100, { message: 'is too long' })
  name: string;

  @Text('Permissions, each `action:Subject`; none that you do not have.', 'read:Task', { isArray: true })
  @IsArray({ message: 'must be a list' })
  @ArrayNotEmpty({ message: 'must not be empty' })
  @ArrayMaxSize(200, { message: 'must be at most 200' })
  @IsIn(PERMISSIONS, { each: true, message: 'must be permissions like read:Task' })
  scopes: Permission[];

  @When('When it ends; within a year.')
  @IsDateString({}, { message: 'must be a moment like 2026-12-31T00:00:00Z' })
  expiresAt: string;
}

export class ApiTokenListQuery extends listQueryOf({
  sort: ['createdAt', 'name', 'expiresAt', 'lastUsedAt'],
  order: 'DESC',
}) {}
