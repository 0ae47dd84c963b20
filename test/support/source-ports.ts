import { createFolderDisks } from '../../agent/context/sources/disks.ts';
import type { SourcePorts } from '../../agent/context/sources/source.ts';
import { createHttp } from '../../platform/undici-http.ts';
import { createFolderMachine } from './folder-machine.ts';
import { createLeapingClock, type LeapingClock } from './leaping-clock.ts';

/** What a source works with: a folder, real HTTP to a given address, and no waiting between calls. */
export const createSourcePorts = (
  metadataUrl = 'http://127.0.0.1:1',
  requestMs = 5_000,
): SourcePorts & { clock: LeapingClock; root: string } => {
  const { root, files } = createFolderMachine();
  return {
    root,
    files,
    clock: createLeapingClock(),
    http: createHttp,
    disks: createFolderDisks(files),
    options: { metadataUrl, allowImdsV1: false },
    patience: { requestMs, totalMs: 20_000 },
    known: { dmi: {}, labels: [], contextFiles: [], cloudInit: [] },
  };
};
