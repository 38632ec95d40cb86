import { Num, Text } from './fields';
import { ApiPropertyOptional } from '@nestjs/swagger';

/** Error response in the format of RFC 9457. */
export class ProblemDto {
  @Text('Type of problem.', 'urn:teko:problem:invalid')
  type: string;

  @Text('Title of the HTTP status.', 'Unprocessable Entity')
  title: string;

  @Num('HTTP status code.', 422)
  status: number;

  @Text('Description of this error.', 'title: must describe what to do')
  detail: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'For 422: an error message per invalid field.',
    example: { title: 'must describe what to do' },
  })
  errors?: Record<string, string>;
}
