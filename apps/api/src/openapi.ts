import 'reflect-metadata';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import * as domain from '@teko/domain';
import { TekoSettings, UnitOfWork } from '@teko/platform';
import { ApiModule } from './api.module';
import { documentOf } from './http/document';

const TOKENS = [TekoSettings, UnitOfWork, ...Object.values(domain).filter((value) => typeof value === 'symbol')];

/** Provides empty objects for all ports; they are never called. */
@Global()
@Module({ providers: TOKENS.map((provide) => ({ provide, useValue: {} })), exports: TOKENS })
class StubModule {}

@Module({ imports: [StubModule, ApiModule] })
class DocumentModule {}

/** Builds the OpenAPI document without a database. */
export async function buildOpenApi(): Promise<object> {
  const app = await NestFactory.create(DocumentModule, { logger: false, abortOnError: false });
  try {
    return documentOf(app);
  } finally {
    await app.close();
  }
}
