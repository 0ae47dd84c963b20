import type { SourceName } from '../../../../agent/context/sources/source.ts';
import { readSource } from './reports.ts';
import type { World } from './story.ts';

const CACHE = '/var/lib/cloud/instance/user-data.txt';
const AWAY = '/run/kept-user-data';

/** Takes away what cloud-init has kept: the agent must get the same user-data from the cloud itself. */
export const checkWithoutCloudInit = async (
  { bed, vm }: World,
  cloud: SourceName,
  userData: string | Buffer,
): Promise<void> => {
  await vm.run(`mv ${CACHE} ${AWAY}`);
  const { userData: found } = await readSource(vm);
  await vm.run(`mv ${AWAY} ${CACHE}`);
  bed.check(`without cloud-init it is had from ${cloud}`, found?.from === cloud, found?.from);
  const bytes = Buffer.byteLength(userData);
  bed.check('whole', found?.bytes === bytes, `${found?.bytes} of ${bytes} bytes`);
};
