import { Controller, Get, Inject, Optional } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page } from '@teko/contracts';
import { Endpoint } from '../../http/endpoint.decorator';
import { SettingDto, SETTINGS_REPORT } from './setting.dto';

@ApiTags('settings')
@Controller('api/v1/settings')
export class SettingsController {
  constructor(@Optional() @Inject(SETTINGS_REPORT) private readonly report: SettingDto[] | undefined) {}

  @Get()
  @Endpoint({
    summary: 'List settings',
    description: 'Shows which settings have a value, but never the value.',
    can: ['read', 'Setting'],
    ok: SettingDto,
    shape: 'page',
  })
  list(): Page<SettingDto> {
    const data = (this.report ?? []).map(({ key, description, secret, set }) => ({ key, description, secret, set }));
    return { data, total: data.length };
  }
}
