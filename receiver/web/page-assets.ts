import { readFileSync } from 'node:fs';

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

/** Where each file of the page is served. */
const PLACES: readonly (readonly [url: string, name: string, type: keyof typeof TYPES])[] = [
  ['/', 'page.html', 'html'],
  ['/assets/page.css', 'page.css', 'css'],
  ['/assets/icon.svg', 'icon.svg', 'svg'],
  ['/assets/page.js', 'page.js', 'js'],
  ['/assets/fleet-api.js', 'fleet-api.js', 'js'],
  ['/assets/fleet-table.js', 'fleet-table.js', 'js'],
  ['/assets/format.js', 'format.js', 'js'],
  ['/assets/order-dialog.js', 'order-dialog.js', 'js'],
  ['/assets/why-dialog.js', 'why-dialog.js', 'js'],
];

export interface PageAsset {
  url: string;
  type: string;
  text: string;
}

/**
 * The page's files, read once at start from beside this module. A bundle of the receiver gives the
 * folder into which it has put them.
 */
export const readPageAssets = (folder = new URL('./', import.meta.url)): PageAsset[] =>
  PLACES.map(([url, name, type]) => ({
    url,
    type: TYPES[type],
    text: readFileSync(new URL(name, folder), 'utf8'),
  }));
