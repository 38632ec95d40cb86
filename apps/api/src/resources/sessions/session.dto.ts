import { IsString, MaxLength, MinLength } from 'class-validator';
import { Flag, Id, Text, When } from '../../http/fields';

export class CreateSessionDto {
  @Text('What the sign-in link carries.', 'p5mE0cS1kqE8o3kP0V9n2yqT7c1rJb4uWx6zA2dF8hI', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(200, { message: 'is too long' })
  token: string;
}

export class CreatePasswordSessionDto {
  @Text('Address.', 'ada@example.com', { maxLength: 255 })
  @IsString({ message: 'must be text' })
  @MaxLength(255, { message: 'is too long' })
  email: string;

  @Text('Password.', 'correct horse battery staple', { maxLength: 1000 })
  @IsString({ message: 'must be text' })
  @MaxLength(1000, { message: 'is too long' })
  password: string;
}

/** The session that begins; its secret is in the cookie. */
export class NewSessionDto {
  @Text('Goes into the X-CSRF-Token header.', 'Zk3…') csrfToken: string;
  @When('When the session ends.') expiresAt: Date;
}

/** A sign-in that lasts. */
export class SessionDto {
  @Id('Identifier.') id: string;
  @Text('Browser.', 'Mozilla/5.0', { nullable: true }) userAgent: string | null;
  @Text('Network address it began from.', '203.0.113.7', { nullable: true }) address: string | null;
  @Flag('The one that asks.', true) current: boolean;
  @When('Last used.') lastUsedAt: Date;
  @When('Ends.') expiresAt: Date;
  @When('Began.') createdAt: Date;
}
