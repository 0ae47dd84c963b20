import type { FastifyInstance } from 'fastify';
import type { PageAssets } from '../web/page-assets.ts';

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

const TYPES = {
  'page.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

/** `/` and its assets. They hold nothing secret: the page asks for the operator's token itself. */
export const addPageRoutes = (app: FastifyInstance, assets: PageAssets): void => {
  const add = (url: string, name: keyof typeof TYPES): void => {
    app.get(url, async (_request, reply) =>
      reply
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('cache-control', 'no-cache')
        .type(TYPES[name])
        .send(assets[name]),
    );
  };
  add('/', 'page.html');
  add('/assets/page.js', 'page.js');
  add('/assets/page.css', 'page.css');
  add('/assets/icon.svg', 'icon.svg');
};
