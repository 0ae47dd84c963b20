import type { Argv } from 'yargs';
import { formatDuration } from '../../platform/duration.ts';
import { facts, table } from '../../platform/table.ts';
import type { PilotReport, Verdict } from '../../protocol/heartbeat.ts';
import { readingWords } from '../../protocol/reading-words.ts';
import type { DirectiveView } from '../directives/directive-view.ts';
import type { VmDetail } from '../fleet/vm-view.ts';
import { defineCommand, print, printJson } from './command.ts';
import { deletionFacts } from './deletion-facts.ts';
import { hookCallsOf, hookCallTables } from './hook-calls.ts';
import { readingText } from './reading-text.ts';
import { clientOptions, vmPath, withReceiver } from './receiver-client.ts';
import { vmArgument } from './vm-argument.ts';
import { wishText } from './wish-text.ts';

const factsOf = (vm: VmDetail): [string, string][] => [
  ['vm', vm.vmId],
  ['state', `${vm.state}, since ${vm.stateSince}`],
  ['last said', vm.reportedState === vm.state ? '' : (vm.reportedState ?? '')],
  ['reason', vm.reason],
  ['came to', vm.shutdownMessage ?? ''],
  ['instance', vm.instanceId],
  ['host', vm.hostname],
  ['site', vm.site ?? ''],
  ['endpoint', vm.endpoint ?? ''],
  ['running pod', vm.runningPod ?? ''],
  ['vo', vm.vo ?? ''],
  ['image', vm.image ?? ''],
  ['type', vm.instanceType ?? ''],
  ['cores', vm.cores === null ? '' : String(vm.cores)],
  ['memory', vm.memoryMb === null ? '' : `${vm.memoryMb} MB`],
  ['agent', vm.agentVersion],
  ['enrolled', vm.enrolledAt],
  ['heard', `${formatDuration(vm.lastHeardAgeMs)} ago`],
  ['uptime', vm.uptimeMs === null ? '' : formatDuration(vm.uptimeMs)],
  ['load', readingText(vm.load)],
  ['busy cores', readingText(vm.cpuCores)],
  ['payloads', readingText(vm.payloads)],
  ...deletionFacts(vm),
];

/** How long ago each was taken: it was so old when it was told. */
const readingRows = ({ readings, readingAgesMs, lastHeardAgeMs }: VmDetail): string[][] =>
  Object.entries(readings).map(([name, told]) => {
    const { label, text } = readingWords(name, told);
    return [label, text, `${formatDuration(lastHeardAgeMs + (readingAgesMs[name] ?? 0))} ago`];
  });

const lastExitText = ({ lastExit = '', lastVac }: PilotReport): string =>
  lastVac === undefined ? lastExit : `${lastExit} (${lastVac})`;

/** What a policy that only observes asks for it would do. */
const actionText = ({ action, mode }: Verdict): string =>
  mode === 'observe' && action !== 'none' ? `would ${action}` : action;

const sectionsOf = (vm: VmDetail, directives: readonly DirectiveView[]): string[] => [
  facts(factsOf(vm)),
  ...(Object.keys(vm.readings).length === 0
    ? []
    : [table(['READING', 'VALUE', 'TAKEN'], readingRows(vm))]),
  ...(vm.pilots.length === 0
    ? []
    : [
        table(
          ['SLOT', 'GEN', 'STATE', 'CORES', 'BUSY', 'PAYLOADS', 'STARTED', 'RUNNING', 'LAST EXIT'],
          vm.pilots.map(pilot => [
            pilot.slot,
            String(pilot.generation),
            pilot.activity ?? pilot.state,
            String(pilot.cores),
            readingText(pilot.cpuCores ?? null),
            readingText(pilot.payloads ?? null),
            String(pilot.payloadsStarted ?? '-'),
            pilot.runningMs === undefined ? '-' : formatDuration(pilot.runningMs),
            lastExitText(pilot),
          ]),
        ),
      ]),
  ...(vm.verdicts.length === 0
    ? []
    : [
        table(
          ['POLICY', 'ACTION', 'BECAUSE'],
          vm.verdicts.map(verdict => [verdict.policy, actionText(verdict), verdict.because]),
        ),
      ]),
  ...(directives.length === 0
    ? []
    : [
        table(
          ['DIRECTIVE', 'STATUS', 'GIVEN', 'REASON', 'DETAIL'],
          directives.map(each => [
            wishText(each.wish),
            each.status,
            each.createdAt,
            each.reason,
            each.detail,
          ]),
        ),
      ]),
];

const options = (argv: Argv) =>
  vmArgument(clientOptions(argv)).example('$0 show i-0a1b', 'the VM whose instance id begins so');

export const showCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const vm = (await client.get(vmPath(args.VM))) as VmDetail;
      const { directives } = (await client.get(vmPath(vm.vmId, '/directives?limit=20'))) as {
        directives: DirectiveView[];
      };
      const hookCalls = await hookCallsOf(client, vm);
      if (args.json) printJson({ ...vm, directives, hookCalls });
      else print([...sectionsOf(vm, directives), ...hookCallTables(hookCalls)].join('\n\n'));
    }),
});
