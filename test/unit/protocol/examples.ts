import type { GenericSchema } from 'valibot';
import { CredentialOffer, CredentialResponse } from '../../../protocol/credential.ts';
import { Acknowledgement, Directive, PeekDirective } from '../../../protocol/directive.ts';
import { EnrolRequest, EnrolResponse } from '../../../protocol/enrol.ts';
import { Refusal } from '../../../protocol/error.ts';
import { HeartbeatRequest, HeartbeatResponse, PilotReport } from '../../../protocol/heartbeat.ts';
import { LogsRequest, LogsResponse } from '../../../protocol/logs.ts';
import { PeekAnswer } from '../../../protocol/peek.ts';
import { WireReading } from '../../../protocol/words.ts';

export interface Example {
  name: string;
  schema: GenericSchema;
  message: Record<string, unknown>;
}

const pilot = {
  slot: 'core-1',
  generation: 3,
  state: 'running',
  cores: 1,
  cpuCores: { ok: true, value: 0.97 },
  payloads: { ok: false, reason: 'no-data' },
  runningMs: 61_500,
  activity: 'busy',
  payloadsStarted: 4,
  lastExit: 'exit 0',
  lastVac: 200,
};
const acknowledgement = { id: 'd-1', outcome: 'done', detail: '' };
const share = { everyMs: 3000, bytes: 4096, askMs: 10_000 };
const offer = { name: 'pilot-token', version: '0192f0c1-2b3c-7d4e-8f50-a1b2c3d4e5f6' };
const drain = {
  ...{ id: 'd-2', kind: 'drain', expiresInMs: 60_000, reason: 'downtime', deadlineMs: 1 },
  by: 'ada@desk at 10.0.0.1',
};

/** One complete example of each message, every field present. */
export const EXAMPLES: readonly Example[] = [
  {
    name: 'EnrolRequest',
    schema: EnrolRequest,
    message: {
      protocol: 1,
      nonce: '0123456789abcdef0123456789abcdef',
      secret: 's3cret',
      bootId: '6f1c8f0e-7b4e-4d0b-8a34-0d6b3a1f2c55',
      agentVersion: '0.1.0',
      identity: {
        instanceId: 'i-0abc',
        hostname: 'vm1.example.org',
        site: 'EXAMPLE',
        endpoint: 'cloud.example.org',
        runningPod: 'atlas-prod',
        vo: 'atlas',
        image: 'debian-12',
        instanceType: 'm3.large',
        cores: 2,
        memoryMb: 7680,
      },
    },
  },
  {
    name: 'EnrolResponse',
    schema: EnrolResponse,
    message: {
      protocol: 1,
      vmId: '0192f0c1-2b3c-7d4e-8f50-a1b2c3d4e5f6',
      token: 'A'.repeat(43),
      nextHeartbeatMs: 60_000,
      receiverTime: '2026-01-01T00:00:00.000Z',
    },
  },
  {
    name: 'HeartbeatRequest',
    schema: HeartbeatRequest,
    message: {
      protocol: 1,
      bootId: 'boot',
      sequence: 7,
      agentVersion: '0.1.0',
      state: 'running',
      reason: '',
      uptimeMs: 123_456.7,
      load: { ok: true, value: 1.5 },
      cpuCores: { ok: true, value: 1.9 },
      payloads: { ok: false, reason: 'failed' },
      readings: { ioWaitCores: 0.25, cvmfs: 1, squid: 'no-data', clockOffsetMs: -12 },
      readingAgesMs: { cvmfs: 40_000, squid: 0 },
      pilots: [pilot],
      cloud: {
        ...{ name: 'ec2', instanceId: 'i-1', instanceName: 'wn', region: 'r', zone: 'z' },
        ...{ project: 'p', resourceGroup: 'g', instanceType: 'm', image: 'ami-1' },
        ...{ lifeCycle: 'spot', group: 'wn', groupKind: 'scale-set', powerOffDeletes: false },
      },
      shutdownMessage: '300 no more work: no-payloads: no payload for 20m of 20m',
      verdicts: [{ policy: 'lifetime', action: 'none', because: 'young', mode: 'enforce' }],
      acknowledged: [acknowledgement],
      logs: [{ source: 'agent', fromByte: 0, text: 'started\n' }],
    },
  },
  {
    name: 'HeartbeatResponse',
    schema: HeartbeatResponse,
    message: {
      nextHeartbeatMs: 60_000,
      receiverTime: '2026-01-01T00:00:00.000Z',
      directives: [drain],
      credentials: [offer],
      logs: share,
      plans: [{ kind: 'downtime', startsInMs: 0, endsInMs: 3_600_000, reason: 'new switches' }],
    },
  },
  {
    name: 'LogsRequest',
    schema: LogsRequest,
    message: { protocol: 1, bootId: 'b', logs: [{ source: 'agent', fromByte: 7, text: 'hello' }] },
  },
  { name: 'LogsResponse', schema: LogsResponse, message: { logs: share, directives: [drain] } },
  { name: 'CredentialOffer', schema: CredentialOffer, message: offer },
  {
    name: 'CredentialResponse',
    schema: CredentialResponse,
    message: { ...offer, content: 'header.payload.signature\n' },
  },
  { name: 'PilotReport', schema: PilotReport, message: pilot },
  { name: 'Acknowledgement', schema: Acknowledgement, message: acknowledgement },
  { name: 'Directive', schema: Directive, message: drain },
  {
    name: 'PeekDirective',
    schema: PeekDirective,
    message: {
      ...{ id: 'd-3', kind: 'peek', expiresInMs: 60_000, reason: '', by: 'ada@desk at 10.0.0.1' },
      ...{ thing: 'tail', pilot: '00-3', path: 'log/job', lines: 40, fromByte: 4096 },
    },
  },
  {
    name: 'PeekAnswer',
    schema: PeekAnswer,
    message: { protocol: 1, unit: '00-3', text: 'step 7\n', isCut: false, nextByte: 4103 },
  },
  { name: 'WireReading', schema: WireReading, message: { ok: true, value: 0 } },
  {
    name: 'Refusal',
    schema: Refusal,
    message: {
      error: { code: 'protocol-unsupported', message: 'speak version 1', supported: [1] },
    },
  },
];

export const exampleOf = (name: string): Example => {
  const found = EXAMPLES.find(example => example.name === name);
  if (found === undefined) throw new Error(`no example of ${name}`);
  return found;
};
