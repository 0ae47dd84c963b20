import { resolve } from 'node:path';
import { createFiles } from '../../platform/files.ts';
import { givenOrigin, givenReader } from '../context/find-context.ts';
import { type Expanded, expandIncludes } from '../context/includes/expand.ts';
import { loadGivenContext } from '../context/load.ts';
import type { ContextText } from '../context/source-file.ts';
import { STAND_INS } from '../context/vm-facts.ts';

/** A file named on the command line, which lies where the caller stands. */
export interface GivenTexts extends Expanded {
  /** The texts in the file itself. */
  own: readonly ContextText[];
}

/** With the files that it includes; addresses are not asked, and facts of the VM stood in for. */
export const readGiven = async (name: string): Promise<GivenTexts> => {
  const files = createFiles('/');
  const path = resolve(name);
  const own = await loadGivenContext(files, path, name);
  const expanded = await expandIncludes(own, {
    reader: givenReader(files),
    originOf: () => givenOrigin(path),
    facts: STAND_INS,
  });
  return { ...expanded, own };
};
