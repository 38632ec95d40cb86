import { Controller, Get, Inject, Optional } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { Endpoint } from '../../http/endpoint.decorator';
import { AGENT_PROFILES, AgentProfileDto } from './agent-profile.dto';

@ApiTags('agent-profiles')
@Controller('api/v1/agent-profiles')
export class AgentProfilesController {
  constructor(@Optional() @Inject(AGENT_PROFILES) private readonly profiles: AgentProfileDto[] | undefined) {}

  @Get()
  @Endpoint({ summary: 'List agents', can: ['read', 'AgentProfile'], ok: AgentProfileDto, shape: 'page' })
  list(): Page<AgentProfileDto> {
    const data = this.profiles ?? [];
    return { data, total: data.length };
  }
}
