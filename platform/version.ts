import { readFileSync } from 'node:fs';

/** Put there by the bundler; from source there is no such name. */
declare const __PILOTAGE_VERSION__: string | undefined;

const readVersion = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

/** The version of this build, e.g. `0.1.0`; from source, the one that package.json states. */
export const VERSION: string =
  typeof __PILOTAGE_VERSION__ === 'string' ? __PILOTAGE_VERSION__ : readVersion();
