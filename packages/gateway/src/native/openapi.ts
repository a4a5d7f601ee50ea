import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayEnvironment } from '../http/environment.ts';

/** The document of the routes that are registered; also what the docs page is made of. */
export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const description = `Jobs of code that nobody trusts, run in jails.

How a program ends is always a result: status 200, with an outcome for each command. What Bullpen itself fails to do is a problem
(\`application/problem+json\`) with a status of 5xx, and never a result.`;

export function makeOpenApi(app: OpenAPIHono<GatewayEnvironment>): OpenApiDocument {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'Authorization: Bearer bp_NAME_SECRET. Made by `bullpen keys add NAME`.',
  });
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Bullpen', version: '1', description },
    security: [{ apiKey: [] }],
  });
}
