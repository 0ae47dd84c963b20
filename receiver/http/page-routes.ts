import type { FastifyInstance } from 'fastify';
import type { PageAsset } from '../web/page-assets.ts';

/** Nothing but our own files, no inline script or style, no frame around us, no form sent anywhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/` and its assets. They hold nothing secret: the page asks for the operator's token itself. */
export const addPageRoutes = (app: FastifyInstance, assets: readonly PageAsset[]): void => {
  for (const { url, type, text } of assets)
    app.get(url, async (_request, reply) =>
      reply
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('cache-control', 'no-cache')
        .type(type)
        .send(text),
    );
};
