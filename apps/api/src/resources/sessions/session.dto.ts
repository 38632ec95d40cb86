import { IsString, MaxLength, MinLength } from 'class-validator';
import { Flag, Id, Text, When } from '../../http/fields';

export class CreateSessionDto {
  @Text('Token of the sign-in link.', 'p5mE0cS1kqE8o3kP0V9n2yqT7c1rJb4uWx6zA2dF8hI', { maxLength: 200 })
  @IsString({ message: 'must be text' })
  @MinLength(1, { message: 'must not be empty' })
  @MaxLength(200, { message: 'is too long' })
  token: string;
}

export class CreatePasswordSessionDto {
  @Text('Email address.', 'ada@example.com', { maxLength: 255 })
  @IsString({ message: 'must be text' })
  @MaxLength(255, { message: 'is too long' })
  email: string;

  @Text('Password.', 'correct horse battery staple', { maxLength: 1000 })
  @IsString({ message: 'must be text' })
  @MaxLength(1000, { message: 'is too long' })
  password: string;
}

/** The new session; its secret is in the cookie. */
export class NewSessionDto {
  @Text('Value for the X-CSRF-Token header.', 'Zk3…') csrfToken: string;
  @When('When the session expires.', { example: '2026-12-23T09:30:00.000Z' }) expiresAt: Date;
}

/** A sign-in session. */
export class SessionDto {
  @Id('Unique ID.') id: string;
  @Text('User agent of the browser.', 'Mozilla/5.0', { nullable: true }) userAgent: string | null;
  @Text('IP address at sign-in.', '203.0.113.7', { nullable: true }) address: string | null;
  @Flag('Whether it is the session of this request.', true) current: boolean;
  @When('When it was last used.') lastUsedAt: Date;
  @When('When it expires.', { example: '2026-12-23T09:30:00.000Z' }) expiresAt: Date;
  @When('When it was created.') createdAt: Date;
}
