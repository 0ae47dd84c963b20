import type { Files } from '../../platform/files.ts';
import type { MachineId } from '../machine.ts';
import { hasSystemd } from './facts.ts';
import { readSize } from './read-size.ts';
import type { ContextText } from './source-file.ts';
import { readDetectionFacts } from './sources/detection-facts.ts';
import { safeFacts, type VmFacts } from './vm-facts.ts';

/** True if a text may name facts; what it then does with them is for the parser to tell. */
export const namesFacts = (texts: readonly ContextText[]): boolean =>
  texts.some(({ text }) => text.includes('vm.'));

/** What these texts may say of this VM by reference; nothing is looked up for texts that do not. */
export const readVmFacts = async (
  files: Files,
  { hostname, instanceId, bootId, cloud = {} }: MachineId,
  texts: readonly ContextText[],
): Promise<VmFacts> => {
  if (!namesFacts(texts)) return {};
  const { dmi } = await readDetectionFacts(files);
  const uuid = dmi.product_uuid?.toLowerCase();
  const { cores, memoryMb } = await readSize(files, await hasSystemd(files));
  return safeFacts({ ...cloud, uuid, hostname, instanceId, bootId, cores, memoryMb });
};
