import type { PilotsContext } from '../../context/schema-pilots.ts';
import type { Reading } from '../../reading.ts';

/** What a pilot is started with, beyond what every pilot gets. */
export interface Launch {
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
}

/** A kind of pilot: how it is launched, and what it says of itself. */
export interface PilotKind {
  readonly name: PilotsContext['kind'];
  launch(pilots: PilotsContext): Launch;
  /**
   * Payloads running, from the status that the pilot last wrote.
   * @param status text of its status file, `undefined` if it never wrote one
   */
  payloads(status: string | undefined): Reading;
}
