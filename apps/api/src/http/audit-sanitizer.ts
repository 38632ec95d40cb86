import { Inject, Injectable } from '@nestjs/common';
import { redactData, redactor, secretsOf, TEKO_SETTINGS, TekoSettings } from '@teko/platform';

/** Fields with a secret or its hash. */
const HIDDEN = ['passwordHash', 'tokenHash', 'csrfToken', 'secret', 'token'];
const MAX_LENGTH = 1000;

/** Removes secrets from rows and truncates long texts before they are stored in the audit log. */
@Injectable()
export class AuditSanitizer {
  private readonly redact: (text: string) => string;

  constructor(@Inject(TekoSettings) settings: TekoSettings) {
    this.redact = redactor(secretsOf(TEKO_SETTINGS, settings));
  }

  sanitize(row: object | null): Record<string, unknown> | null {
    if (!row) return null;
    const text = JSON.stringify(row, (key, value: unknown) => {
      if (HIDDEN.includes(key)) return undefined;
      return typeof value === 'string' && value.length > MAX_LENGTH ? `${value.slice(0, MAX_LENGTH)} [...]` : value;
    });
    return redactData(JSON.parse(text) as Record<string, unknown>, this.redact);
  }
}
