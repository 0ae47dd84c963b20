import type { PilotsContext } from '../../context/schema-pilots.ts';
import { commandKind } from './command.ts';
import type { PilotKind } from './kind.ts';

/** Every kind of pilot there is. */
export const PILOT_KINDS: { readonly [K in PilotsContext['kind']]: PilotKind } = {
  command: commandKind,
};
