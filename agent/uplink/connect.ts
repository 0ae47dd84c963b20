import { availableParallelism, totalmem } from 'node:os';
import type { Clock } from '../../platform/clock.ts';
import type { Files } from '../../platform/files.ts';
import type { Http } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import type { CredentialOffer } from '../../protocol/credential.ts';
import type { Directive } from '../../protocol/directive.ts';
import type { Identity } from '../../protocol/enrol.ts';
import type { Lifeline } from '../context/schema.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { MachineId } from '../machine.ts';
import type { LogRing } from './log-ring.ts';
import { createLogTails } from './log-tails.ts';
import { createUplink, type Uplink, type UplinkCourse, type VmReport } from './uplink.ts';

/** A link to the receiver that the lifeline names. */
export interface Connection {
  url: string;
  uplink: Uplink;
  close(): Promise<void>;
}

export interface ConnectInput {
  lifeline: Lifeline;
  machine: MachineId;
  version: string;
  ring: LogRing;
  logs: LogStore;
  http: Http;
  report: () => VmReport;
  obey: (directives: readonly Directive[]) => void;
  offered?: (offers: readonly CredentialOffer[]) => void;
  /** ms between two heartbeats, where somebody has ordered that. */
  pace?: () => number | undefined;
  course?: UplinkCourse;
}

const identityOf = (machine: MachineId, { identity }: Pick<Lifeline, 'identity'>): Identity => {
  const { cloud } = machine;
  // What the context says of itself goes before what the cloud says.
  const told = Object.entries(identity).filter(([, value]) => value !== undefined);
  return {
    instanceId: machine.instanceId,
    hostname: machine.hostname,
    cores: availableParallelism(),
    memoryMb: Math.floor(totalmem() / 1024 / 1024),
    ...(cloud?.imageId === undefined ? {} : { image: cloud.imageId }),
    ...(cloud?.instanceType === undefined ? {} : { instanceType: cloud.instanceType }),
    ...Object.fromEntries(told),
  };
};

/** Nothing is sent yet; without a receiver in the context there is no connection. */
export const connect = (
  ports: { clock: Clock; files: Files; log: Log; random: () => number },
  {
    lifeline,
    machine,
    version,
    ring,
    logs,
    http,
    report,
    obey,
    offered,
    pace,
    course,
  }: ConnectInput,
): Connection | undefined => {
  const { receiver } = lifeline;
  if (receiver === undefined) return undefined;
  const server = http(new URL(receiver.url).origin, { ca: receiver.ca, pin: receiver.pin });
  const uplink = createUplink(
    { ...ports, server, logTails: createLogTails(logs, ring), store: logs },
    {
      receiverUrl: receiver.url,
      secret: receiver.enrolmentSecret,
      identity: identityOf(machine, lifeline),
      bootId: machine.bootId,
      agentVersion: version,
    },
    report,
    obey,
    offered,
    pace,
    course,
  );
  return { url: receiver.url, uplink, close: () => server.close() };
};
