import type { RepositoryGrant } from '@teko/domain';
import { IsString, MaxLength } from 'class-validator';
import { Id, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** A role that a user has on one repository alone. */
export class RepositoryGrantDto implements RepositoryGrant {
  @Id('Identifier.') id: string;
  @Id('User.') userId: string;
  @Id('Repository.') repositoryId: string;
  @Text('Name of the role.', 'developer') role: string;
  @When('Granted.') createdAt: Date;
}

export class CreateRepositoryGrantDto {
  @Id('User.')
  @IsString({ message: 'must be text' })
  @MaxLength(36, { message: 'is too long' })
  userId: string;

  @Id('Repository.')
  @IsString({ message: 'must be text' })
  @MaxLength(36, { message: 'is too long' })
  repositoryId: string;

  @Text('Name of the role.', 'developer')
  @IsString({ message: 'must be text' })
  @MaxLength(40, { message: 'is too long' })
  role: string;
}

export class RepositoryGrantListQuery extends listQueryOf({
  sort: ['createdAt'],
  order: 'DESC',
  filters: { userId: null, repositoryId: null, role: null },
}) {}
