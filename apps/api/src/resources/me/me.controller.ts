import { packRules } from '@casl/ability/extra';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentIdentity, rulesOf, type Identity } from '@teko/identity';
import { Endpoint } from '../../http/endpoint.decorator';
import { MeDto } from './me.dto';

@ApiTags('me')
@Controller('api/v1/me')
export class MeController {
  @Get()
  @Endpoint({ summary: 'Show who is signed in and what they may do', can: ['read', 'Session'], ok: MeDto })
  show(@CurrentIdentity() { user, session }: Identity): MeDto {
    const { id, name, email, roles } = user;
    const rules = packRules(rulesOf(user)) as unknown as string[][];
    return { user: { id, name, email, roles }, csrfToken: session.csrfToken, rules };
  }
}
