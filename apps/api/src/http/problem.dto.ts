import { Num, Text } from './fields';
import { ApiPropertyOptional } from '@nestjs/swagger';

/** RFC 9457: how every error is answered. */
export class ProblemDto {
  @Text('What kind of problem it is.', 'urn:teko:problem:invalid')
  type: string;

  @Text('The kind in words.', 'Unprocessable Entity')
  title: string;

  @Num('HTTP status.', 422)
  status: number;

  @Text('What went wrong this time.', 'title: must say what is to be done')
  detail: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'On 422: what is wrong with each field.',
    example: { title: 'must say what is to be done' },
  })
  errors?: Record<string, string>;
}
