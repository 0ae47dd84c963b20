import { appendFile } from 'node:fs/promises';
import { PilotageError } from '../../platform/errors.ts';
import { createLog, type LogLevel } from '../../platform/log.ts';
import { VERSION } from '../../platform/version.ts';
import { openBootRecord } from '../boot-record.ts';
import { createAgentPorts } from '../life/create-ports.ts';
import { heedBoots } from '../life/heed-boots.ts';
import { metadataOptions } from '../life/metadata-options.ts';
import { createPreparer } from '../life/prepare.ts';
import { runAgent } from '../life/run-agent.ts';
import { selfCommand } from '../life/self.ts';
import { createPowerBesideStop, createSystemStop } from '../life/system-stop.ts';
import { createWatchdog } from '../life/watchdog.ts';
import { readMachineId } from '../machine.ts';
import { createLogRing, offsetAt } from '../uplink/log-ring.ts';
import { type CommandIo, type OptionValues, text } from './command.ts';
import { rootOf } from './root.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const CONSOLE = '/dev/console';

export const run = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const level = LEVELS.find(known => known === text(values, 'log-level'));
  if (level === undefined)
    throw new PilotageError('usage', `--log-level is one of ${LEVELS.join(', ')}`);
  const root = rootOf(values);
  const ring = createLogRing(offsetAt(Date.now()));
  const log = createLog(level, line => {
    ring.add(line);
    io.out(line);
  });
  const ports = await createAgentPorts(root, log);
  const machine = await readMachineId(ports.files, ports.host);
  const boots = await openBootRecord(ports, machine);
  const { cause } = boots;
  const systemStop = createSystemStop(ports, io.signal);
  log.info(
    { version: VERSION, pid: process.pid, ...machine, boot: cause, kind: ports.kind },
    'agent started',
  );
  // At once: what follows may not be done before systemd ends us.
  io.signal.addEventListener('abort', () => void boots.left(), { once: true });
  const end = await runAgent(
    {
      ports: { ...ports, power: createPowerBesideStop(ports.power, systemStop.stopping, log) },
      machine: { ...machine, boot: cause },
      preparer: heedBoots(createPreparer(ports, root, selfCommand()), boots, ports),
      watchdog: createWatchdog(ports, process.env),
      systemStop,
      metadata: metadataOptions(process.env),
      ring,
      version: VERSION,
      announce: async line => {
        if (ports.kind === 'systemd') await appendFile(CONSOLE, `pilotage: ${line}\r\n`);
      },
    },
    systemStop.leave,
  );
  await boots.left();
  log.info(
    { end },
    end === 'stopped' ? 'agent stopped; the pilots go on' : 'agent ended with its VM',
  );
  return 0;
};
