import { once } from 'node:events';
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { AuditLogEntryRepository } from '@teko/domain';
import { AuditLog } from '@teko/platform';
import type { Response } from 'express';
import { Endpoint } from '../../http/endpoint.decorator';
import { toListQuery } from '../../http/list-query.dto';
import { AuditLogEntryDto, AuditLogEntryListQuery, AuditVerificationDto } from './audit-log-entry.dto';

const BATCH = 500;

@ApiTags('audit-log-entries')
@Controller('api/v1/audit-log-entries')
export class AuditLogEntriesController {
  constructor(
    @Inject(AuditLogEntryRepository) private readonly entries: AuditLogEntryRepository,
    @Inject(AuditLog) private readonly log: AuditLog,
  ) {}

  @Get()
  @Endpoint({
    summary: 'List audit log entries',
    can: ['read', 'AuditLogEntry'],
    ok: AuditLogEntryDto,
    shape: 'page',
    errors: [422],
  })
  list(@Query() query: AuditLogEntryListQuery): Promise<Page<AuditLogEntryDto>> {
    return this.entries.list(toListQuery(query, undefined));
  }

  @Get('verification')
  @Endpoint({
    summary: 'Verify the integrity of the audit log',
    can: ['read', 'AuditLogEntry'],
    ok: AuditVerificationDto,
  })
  verify(): Promise<AuditVerificationDto> {
    return this.log.verify();
  }

  @Get('export')
  @Endpoint({
    summary: 'Export the audit log',
    description: 'One JSON object per line, oldest first.',
    can: ['read', 'AuditLogEntry'],
    ok: AuditLogEntryDto,
    shape: 'lines',
  })
  async export(@Res() response: Response): Promise<void> {
    response.type('application/x-ndjson').attachment('audit-log-entries.ndjson');
    let last = 0;
    for (;;) {
      const batch = await this.entries.findAfter(last, BATCH);
      const text = batch.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      if (text && !response.write(text)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      if (batch.length < BATCH || response.destroyed) break;
      last = batch.at(-1)!.id;
    }
    response.end();
  }
}
