import type { RepositoryGrant } from '@teko/domain';
import { IsString, MaxLength } from 'class-validator';
import { Id, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

/** A role that a user has on one repository only. */
export class RepositoryGrantDto implements RepositoryGrant {
  @Id('Unique ID.') id: string;
  @Id('ID of the user.') userId: string;
  @Id('ID of the repository.') repositoryId: string;
  @Text('Name of the role.', 'developer') role: string;
  @When('When it was granted.') createdAt: Date;
}

export class CreateRepositoryGrantDto {
  @Id('ID of the user.')
  @IsString({ message: 'must be text' })
  @MaxLength(36, { message: 'is too long' })
  userId: string;

  @Id('ID of the repository.')
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
