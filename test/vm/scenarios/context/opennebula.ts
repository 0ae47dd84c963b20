import { gzipSync } from 'node:zlib';
import { OPENNEBULA_VM, opennebulaHardware } from '../../hardware/opennebula.ts';
import { forwardTo, mimeMessage, receiverContext } from '../../user-data.ts';
import { contextText, SITE, SITE_CHECKS } from './site.ts';
import { contextScenario } from './story.ts';
import { checkWithoutCloudInit } from './without-cloud-init.ts';

const NAME = 'context-opennebula';

const SCRIPT = `#!/bin/sh
echo "by cloud-init" >/etc/script-has-run
`;

/** User-data packed as far as it goes: a script and the context in MIME, compressed, in base64. */
export const contextOpennebula = contextScenario({
  name: NAME,
  title: "OpenNebula's context disk, the context in MIME, gzip and base64",
  boot: async (bed, receiver) => {
    const message = mimeMessage([
      { type: 'text/x-shellscript', text: SCRIPT },
      { type: 'text/yaml', text: contextText(SITE, receiverContext(receiver)) },
    ]);
    const userData = gzipSync(message);
    const vm = await bed.boot({
      name: NAME,
      hardware: opennebulaHardware(NAME, userData),
      forwards: [forwardTo(receiver)],
    });
    return { vm, also: world => checkWithoutCloudInit(world, 'opennebula', userData) };
  },
  instanceId: OPENNEBULA_VM,
  datasource: 'DataSourceOpenNebula',
  detects: ['cloud-init', 'opennebula'],
  userDataFrom: 'cloud-init',
  facts: { instanceId: OPENNEBULA_VM },
  checks: [
    ...SITE_CHECKS,
    ['the host name is of context.sh', 'hostname', NAME],
    ['the script beside the context was cloud-init’s', 'cat /etc/script-has-run', 'by cloud-init'],
  ],
});
