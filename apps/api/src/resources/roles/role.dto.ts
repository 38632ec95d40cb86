import type { Permission } from '@teko/contracts';
import type { Role } from '@teko/domain';
import { OmitType, PartialType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { Flag, Id, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';
import { PERMISSIONS } from '../api-tokens/api-token.dto';

/** A named set of permissions. */
export class RoleDto implements Role {
  @Id('Unique ID.') id: string;
  @Text('Name.', 'triage') name: string;
  @Text('Description.', 'Sorts new tasks.') description: string;
  @Text('Permissions, each `action:Subject`.', 'update:Task', { isArray: true }) permissions: Permission[];
  @Flag('Whether the role is built in; a built-in role cannot be changed.', false) builtIn: boolean;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

export class CreateRoleDto {
  @Text('Name; it cannot be changed later.', 'triage', { maxLength: 40 })
  @Matches(/^[a-z][a-z0-9-]{1,39}$/, { message: 'must be 2 to 40 of a-z, 0-9 and -, starting with a letter' })
  name: string;

  @Text('Description.', 'Sorts new tasks.', { required: false, maxLength: 500 })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(500, { message: 'is too long' })
  description?: string;

  @Text('Permissions, each `action:Subject`. You must have all of them yourself.', 'update:Task', { isArray: true })
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(200, { message: 'must be at most 200' })
  @IsIn(PERMISSIONS, { each: true, message: 'must be permissions such as read:Task' })
  permissions: Permission[];
}

export class UpdateRoleDto extends PartialType(OmitType(CreateRoleDto, ['name'])) {}

export class RoleListQuery extends listQueryOf({
  sort: ['name', 'createdAt'],
  order: 'ASC',
  search: 'Searches in name and description.',
  filters: { builtIn: ['true', 'false'] },
}) {}
