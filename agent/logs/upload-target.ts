/** Where something is put: the server, and the path and query exactly as they were given. */
export interface UploadTarget {
  origin: string;
  path: string;
}

const VM = '@vm@';
const LOG = '@log@';

/** True if each log is put for itself; else all of them go into one archive. */
export const putsEachLog = (url: string): boolean => url.includes(LOG);

/** The address with the names in it; not a character else is changed, since it may be signed. */
export const uploadTarget = (url: string, names: { vm: string; log: string }): UploadTarget => {
  const full = url
    .replaceAll(VM, encodeURIComponent(names.vm))
    .replaceAll(LOG, encodeURIComponent(names.log));
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?#]+)(.*)$/.exec(full) ?? [];
  return { origin, path: path.startsWith('/') ? path : `/${path}` };
};

/** The collections above a path (RFC 4918), the nearest first, without the server's root. */
export const collectionsAbove = (path: string): string[] => {
  const [way = ''] = path.split('?');
  const names = way.split('/').slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, names.length - index).join('/')}/`);
};
