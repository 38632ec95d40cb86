import {
  Catch,
  Inject,
  Injectable,
  Logger,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common';
import { SESSION_COOKIE, SessionService, SignInRefused } from '@teko/identity';
import type { Request, Response } from 'express';
import { SignInService } from './sign-in.service';

/** What to do after the provider has redirected the browser back. */
export interface Intent {
  /** Page of the panel to open. */
  next?: string;
  /** ID of the session whose user gets the account. */
  link?: string;
}

/** Returns the path if it is inside the panel, or undefined to prevent open redirects. */
export function pageOfPanel(next: unknown): string | undefined {
  return typeof next === 'string' && /^\/(?![/\\])[\w\-./?=&%]{0,200}$/.test(next) ? next : undefined;
}

/** Stores the intent in the signed handshake cookie. */
@Injectable()
export class RememberIntent implements CanActivate {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request & { session: { intent?: Intent } }>();
    const intent: Intent = { next: pageOfPanel(request.query.next) };
    if (request.query.link) {
      const secret = (request.cookies as Record<string, string | undefined>)[SESSION_COOKIE];
      const identity = secret ? await this.sessions.identify(secret) : null;
      if (!identity?.session) throw new SignInRefused('signed_out');
      intent.link = identity.session.id;
    }
    request.session.intent = intent;
    return true;
  }
}

/** Redirects to the sign-in page, which shows why the sign-in was refused. */
@Catch(SignInRefused)
export class SignInRefusedFilter implements ExceptionFilter {
  private readonly logger = new Logger('SignIn');

  constructor(@Inject(SignInService) private readonly signIn: SignInService) {}

  async catch({ refusal }: SignInRefused, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<Request>();
    const provider = request.path.split('/')[2] ?? 'provider';
    await this.signIn
      .refused(provider, refusal, request)
      .catch((error: Error) => this.logger.error(error.message, error.stack));
    host.switchToHttp().getResponse<Response>().redirect(`/#/login?refused=${refusal}`);
  }
}
