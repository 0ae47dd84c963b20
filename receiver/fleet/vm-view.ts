import type { CloudWord } from '../../protocol/cloud.ts';
import type { PilotReport, Verdict } from '../../protocol/heartbeat.ts';
import type { ReadingAges, ToldReadings } from '../../protocol/readings.ts';
import type { PilotActivity, VmState, WireReading } from '../../protocol/words.ts';
import { countActivities, countStarted } from './count-pilots.ts';
import { billedOf, type DeletionView, deletionView } from './deletion-view.ts';
import { type FleetState, fleetState, fleetStateSinceMs } from './fleet-state.ts';
import type { HistoryEntry, VmRecord } from './vm-record.ts';

/** A VM as operators read it. Times are ISO 8601, durations ms; what is unknown is null. */
export interface VmSummary {
  vmId: string;
  state: FleetState;
  stateSince: string;
  /** What the VM last said of itself. */
  reportedState: VmState | null;
  reason: string;
  instanceId: string;
  hostname: string;
  site: string | null;
  endpoint: string | null;
  runningPod: string | null;
  vo: string | null;
  image: string | null;
  instanceType: string | null;
  cores: number | null;
  memoryMb: number | null;
  agentVersion: string;
  enrolledAt: string;
  lastHeardAt: string;
  lastHeardAgeMs: number;
  uptimeMs: number | null;
  load: WireReading | null;
  cpuCores: WireReading | null;
  payloads: WireReading | null;
  pilotsRunning: number;
  /** Slots by what their pilots do. */
  pilotActivities: Partial<Record<PilotActivity, number>>;
  /** Payloads that the pilots of now have started. */
  payloadsStarted: number | null;
  /** How far it is on its way out of its cloud. */
  deletion: DeletionView | null;
  /** What is billed for it although it is off, or may be although it is silent. */
  billed: string[];
}

/** One VM in full. */
export interface VmDetail extends VmSummary {
  bootId: string | null;
  sequence: number | null;
  /** Further readings, and how old some were when they were told. */
  readings: ToldReadings;
  readingAgesMs: ReadingAges;
  pilots: PilotReport[];
  verdicts: Verdict[];
  /** What it came to, once it has said so. */
  shutdownMessage: string | null;
  /** What it knows of itself by its cloud's words. */
  cloud: CloudWord | null;
  /** Whether its group spares it while it is busy; null where nobody asked for that. */
  isSpared: boolean | null;
}

export interface HistoryView extends Omit<HistoryEntry, 'receivedMs'> {
  receivedAt: string;
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();

export const countRunning = (pilots: readonly PilotReport[]): number =>
  pilots.filter(({ state }) => state === 'running').length;

export const vmSummary = (vm: VmRecord, nowMs: number, stallAfterMs: number): VmSummary => {
  const { identity, latest } = vm;
  return {
    vmId: vm.vmId,
    state: fleetState(vm, nowMs, stallAfterMs),
    stateSince: isoTime(fleetStateSinceMs(vm, nowMs, stallAfterMs)),
    reportedState: latest?.state ?? null,
    reason: latest?.reason ?? '',
    instanceId: identity.instanceId,
    hostname: identity.hostname,
    site: identity.site ?? null,
    endpoint: identity.endpoint ?? null,
    runningPod: identity.runningPod ?? null,
    vo: identity.vo ?? null,
    image: identity.image ?? null,
    instanceType: identity.instanceType ?? null,
    cores: identity.cores ?? null,
    memoryMb: identity.memoryMb ?? null,
    agentVersion: latest?.agentVersion ?? vm.agentVersion,
    enrolledAt: isoTime(vm.enrolledMs),
    lastHeardAt: isoTime(vm.lastHeardMs),
    lastHeardAgeMs: Math.max(0, nowMs - vm.lastHeardMs),
    uptimeMs: latest?.uptimeMs ?? null,
    load: latest?.load ?? null,
    cpuCores: latest?.cpuCores ?? null,
    payloads: latest?.payloads ?? null,
    pilotsRunning: countRunning(latest?.pilots ?? []),
    pilotActivities: countActivities(latest?.pilots ?? []),
    payloadsStarted: countStarted(latest?.pilots ?? []),
    deletion: deletionView(vm),
    billed: billedOf(vm, nowMs, stallAfterMs),
  };
};

export const vmDetail = (vm: VmRecord, nowMs: number, stallAfterMs: number): VmDetail => ({
  ...vmSummary(vm, nowMs, stallAfterMs),
  bootId: vm.latest?.bootId ?? null,
  sequence: vm.latest?.sequence ?? null,
  readings: vm.latest?.readings ?? {},
  readingAgesMs: vm.latest?.readingAgesMs ?? {},
  pilots: vm.latest?.pilots ?? [],
  verdicts: vm.latest?.verdicts ?? [],
  shutdownMessage: vm.latest?.shutdownMessage ?? null,
  cloud: vm.latest?.cloud ?? null,
  isSpared: vm.guard?.isSet ?? null,
});

export const historyView = ({ receivedMs, ...entry }: HistoryEntry): HistoryView => ({
  receivedAt: isoTime(receivedMs),
  ...entry,
});
