import type { Files } from '../../../platform/files.ts';

/** A slot's share of the places that everybody may write to. */
export interface TmpFolder {
  tmp: string;
  varTmp: string;
}

/** @param folder root's own, so that nobody puts a link in its place */
export const tmpFolderIn = (folder: string): TmpFolder => ({
  tmp: `${folder}/tmp`,
  varTmp: `${folder}/var-tmp`,
});

/** Ready for whoever runs in the slot. */
export const makeTmpFolder = async (files: Files, folder: string): Promise<void> => {
  await files.makeDirectory(folder, { mode: 0o700 });
  const { tmp, varTmp } = tmpFolderIn(folder);
  for (const path of [tmp, varTmp]) await files.makeDirectory(path, { mode: 0o1777 });
};
