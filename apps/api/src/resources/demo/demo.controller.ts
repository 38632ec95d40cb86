import { Controller, Delete, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RepositoryIntake } from '@teko/intake';
import { Endpoint } from '../../http/endpoint.decorator';
import { RemovedDemoDto } from './demo.dto';

@ApiTags('demo')
@Controller('api/v1/demo')
export class DemoController {
  constructor(@Inject(RepositoryIntake) private readonly intake: RepositoryIntake) {}

  @Delete()
  @Endpoint({
    summary: 'Delete the demo workspace',
    description: 'Deletes the demo repositories with everything that belongs to them.',
    can: ['delete', 'Demo'],
    ok: RemovedDemoDto,
    meanings: { 200: 'The demo workspace was deleted, or did not exist.' },
    writes: true,
  })
  async remove(): Promise<RemovedDemoDto> {
    return { removed: await this.intake.removeDemo() };
  }
}
