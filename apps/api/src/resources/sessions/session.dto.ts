import { IsString, MaxLength, MinLength } from 'class-validator';
import { Text, When } from '../../http/fields';

export class CreateSessionDto {
  @Text('What the sign-in link carries.', 'p5mE0cS1kqE8o3kP0V9n2yqT7c1rJb4uWx6zA2dF8hI', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(200, { message: 'is too long' })
  token: string;
}

/** The session that begins; its secret is in the cookie. */
export class SessionDto {
  @Text('Goes into the X-CSRF-Token header.', 'Zk3…') csrfToken: string;
  @When('When the session ends.') expiresAt: Date;
}
