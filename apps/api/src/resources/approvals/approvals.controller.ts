import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { ApprovalRepository, GitMirrors } from '@teko/domain';
import { CurrentIdentity, type Identity } from '@teko/identity';
import { ApprovalDecisions } from '@teko/scheduling';
import { Endpoint } from '../../http/endpoint.decorator';
import { findOrThrow } from '../../http/find-or-throw';
import { toListQuery } from '../../http/list-query.dto';
import { ReadableWithin } from '../../http/readable.decorator';
import { ChangeDiffDto } from '../changes/change.dto';
import { ApprovalDto, ApprovalListQuery, DecideApprovalDto } from './approval.dto';

@ApiTags('approvals')
@Controller('api/v1')
export class ApprovalsController {
  constructor(
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(ApprovalDecisions) private readonly decisions: ApprovalDecisions,
  ) {}

  @Get('approvals')
  @Endpoint({ summary: 'List approvals', can: ['read', 'Approval'], ok: ApprovalDto, shape: 'page', errors: [422] })
  list(@Query() query: ApprovalListQuery, @ReadableWithin('Approval') within?: string[]): Promise<Page<ApprovalDto>> {
    return this.approvals.list(toListQuery(query, within));
  }

  @Get('approvals/:id/diff')
  @Endpoint({
    summary: 'Get the diff to approve',
    can: ['read', 'Approval'],
    of: 'Approval',
    ok: ChangeDiffDto,
    errors: [404, 503],
  })
  async diff(@Param('id') id: string): Promise<ChangeDiffDto> {
    const { repositoryId, baseCommit, headCommit } = await findOrThrow('approval', id, this.approvals.findById(id));
    return this.mirrors.diff(repositoryId, baseCommit, headCommit);
  }

  @Post('runs/:id/approval')
  @Endpoint({
    summary: 'Approve or reject the plan or change of a run',
    description:
      'Applies only to the content with this `subjectHash`. The repository can exclude the requester from approving.',
    can: ['approve', 'Run'],
    of: 'Run',
    ok: ApprovalDto,
    errors: [404, 409, 422],
    writes: true,
  })
  decide(
    @Param('id') id: string,
    @Body() input: DecideApprovalDto,
    @CurrentIdentity() { user }: Identity,
  ): Promise<ApprovalDto> {
    return this.decisions.decide(id, input, { userId: user.id, login: null, name: user.name });
  }
}
