import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Files } from '../../platform/files.ts';
import { parseJson } from '../../platform/parse-json.ts';
import type { TokenEndpoint } from '../context/schema/credentials.ts';
import { readMachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';

/**
 * A refresh token that a server gave in exchange for the one before it, which is then worth nothing: the
 * only secret of a credential that has to outlast a reboot. 0600, on the VM's own disk.
 */
const Stored = v.object({
  schemaVersion: v.literal(1),
  instanceId: v.string(),
  /** Of what the context says of the endpoint: what belonged to another is not used. */
  origin: v.string(),
  refreshToken: v.string(),
});

export interface RefreshTokenStore {
  read(): Promise<string | undefined>;
  write(refreshToken: string): Promise<void>;
}

const MAX_BYTES = 128 * 1024;

export const refreshTokenPath = (name: string): string => `${PATHS.refreshTokens}/${name}.json`;

const originOf = ({
  url,
  grant,
  clientId,
  refreshToken,
  pilotStamp,
  pilotSecret,
}: TokenEndpoint): string =>
  createHash('sha256')
    .update(JSON.stringify([url, grant, clientId, refreshToken, pilotStamp, pilotSecret]))
    .digest('hex');

/** Of this VM alone: a copy of its disk in another one leaves the token alone. */
export const createRefreshTokenStore = (
  files: Files,
  name: string,
  endpoint: TokenEndpoint,
): RefreshTokenStore => {
  const path = refreshTokenPath(name);
  const origin = originOf(endpoint);
  const instanceOf = async () => (await readMachineId(files, files)).instanceId;
  return {
    read: async () => {
      const text = await files.read(path, MAX_BYTES);
      const stored = text === undefined ? undefined : parseJson(Stored, text);
      return stored?.origin === origin && stored.instanceId === (await instanceOf())
        ? stored.refreshToken
        : undefined;
    },
    write: async refreshToken => {
      await files.makeDirectory(PATHS.refreshTokens, { mode: 0o700 });
      const instanceId = await instanceOf();
      const stored = { schemaVersion: 1, instanceId, origin, refreshToken };
      await files.write(path, JSON.stringify(stored), { mode: 0o600 });
    },
  };
};
