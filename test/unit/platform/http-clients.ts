import type { Http } from '../../../platform/http.ts';
import { createLightHttp } from '../../../platform/light-http.ts';
import { createHttp } from '../../../platform/undici-http.ts';

/** Both clients stand behind one port, and are held to one contract. */
export const CLIENTS: readonly (readonly [name: string, create: Http])[] = [
  ['undici', createHttp],
  ['light', createLightHttp],
];
