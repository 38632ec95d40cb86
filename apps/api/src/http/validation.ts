import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { InvalidError } from '@teko/domain';
import { instanceToPlain, plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';

/** Validates input against its DTO class, rejects unknown fields, and throws InvalidError with a message per field. */
export function validation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    validatorPackage: { validate },
    transformerPackage: { plainToInstance, classToPlain: instanceToPlain },
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors) => new InvalidError(byField(errors)),
  });
}

function byField(errors: ValidationError[], prefix = ''): Record<string, string> {
  const out: Record<string, string> = {};
  for (const { property, constraints, children } of errors) {
    const field = `${prefix}${property}`;
    if (constraints?.whitelistValidation) out[field] = 'is not a known field';
    else if (constraints) out[field] = Object.values(constraints)[0]!;
    Object.assign(out, byField(children ?? [], `${field}.`));
  }
  return out;
}
