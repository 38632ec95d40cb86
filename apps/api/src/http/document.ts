import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { SESSION_COOKIE } from '@teko/identity';
import { addExamples, operationsOf } from './examples';

/** Builds the OpenAPI document of the application. */
export function documentOf(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Teko')
    .setDescription('A self-hosted team of AI developers: from a ticket to a tested change.')
    .setVersion('1')
    .addCookieAuth(SESSION_COOKIE)
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'opaque',
      description: 'An API token: `teko_...`.',
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  describeIds(document);
  addExamples(document);
  return document;
}

/** Describes the parameter `id` of each path by the resource before it, such as `ID of the task.` for `/tasks/{id}`. */
function describeIds({ paths }: OpenAPIObject): void {
  for (const [path, item] of Object.entries(paths)) {
    const resource = /([a-z-]+)\/\{id\}/.exec(path)?.[1];
    if (!resource) continue;
    for (const operation of operationsOf({ paths: { [path]: item } })) {
      const parameter = operation.parameters?.find(({ name }) => name === 'id');
      if (parameter) parameter.description = `ID of the ${singular(resource)}.`;
    }
  }
}

function singular(resource: string): string {
  const words = resource.replaceAll('-', ' ').replace(/^api\b/, 'API');
  return words.endsWith('ies') ? `${words.slice(0, -3)}y` : words.replace(/s$/, '');
}
