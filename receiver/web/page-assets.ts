import { readFileSync } from 'node:fs';

export type PageAssets = Readonly<
  Record<'page.html' | 'page.js' | 'page.css' | 'icon.svg', string>
>;

/**
 * The page's files, read once at start from beside this module. A bundle of the receiver keeps them
 * in a folder `web/` beside itself.
 * @param folder where they lie, ending in `/`
 */
export const readPageAssets = (folder = new URL('./', import.meta.url)): PageAssets => {
  const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  return {
    'page.html': read('page.html'),
    'page.js': read('page.js'),
    'page.css': read('page.css'),
    'icon.svg': read('icon.svg'),
  };
};
