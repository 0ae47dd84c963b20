import type { PilotsContext, PilotsOf } from '../../context/schema/pilots.ts';
import { commandKind } from './command.ts';
import { diracKind } from './dirac.ts';
import { glideinwmsKind } from './glideinwms.ts';
import { htcondorKind } from './htcondor.ts';
import type { PilotKind } from './kind.ts';

/** Every kind of pilot there is. */
export const PILOT_KINDS: {
  readonly [K in PilotsContext['kind']]: PilotKind<PilotsOf<K>>;
} = {
  command: commandKind,
  dirac: diracKind,
  htcondor: htcondorKind,
  glideinwms: glideinwmsKind,
};

/** The kind of a section; what it is given later must be that very section. */
export const kindOf = (pilots: PilotsContext): PilotKind =>
  // The table pairs each name with its kind, which the compiler cannot follow for a union.
  PILOT_KINDS[pilots.kind] as unknown as PilotKind;
