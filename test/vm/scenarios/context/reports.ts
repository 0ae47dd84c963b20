import type { CheckResult } from '../../../../agent/checks/check.ts';
import type { StepResult } from '../../../../agent/context/apply.ts';
import type { Marker } from '../../../../agent/context/marker.ts';
import type { CloudFacts, SourceName } from '../../../../agent/context/sources/source.ts';
import type { Bed } from '../../bed.ts';
import { readGuestJson } from '../../guest-check.ts';
import type { Machine } from '../../machine.ts';

/** `pilotage-agent source --json`. */
export interface SourceReport {
  detected: { name: SourceName; because: string }[];
  facts: CloudFacts;
  userData: { from: SourceName; bytes: number } | null;
  failures: { name: SourceName; code: string; message: string }[];
}

export const readSource = (vm: Machine, prefix = ''): Promise<SourceReport> =>
  readGuestJson<SourceReport>(vm, `${prefix}pilotage-agent source --json`);

/** Markers of the steps, in the order in which they were done. */
export const readMarkers = async (vm: Machine): Promise<Marker[]> => {
  const each = 'for f in /var/lib/pilotage/steps/*.json; do cat "$f"; echo; done';
  const { output } = await vm.run(each);
  return output
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Marker)
    .sort((a, b) => a.order - b.order);
};

/** Tells each step with its outcome; all must have succeeded. */
export const checkSteps = async (bed: Bed, vm: Machine): Promise<Marker[]> => {
  const markers = await readMarkers(vm);
  const told = markers.map(({ step, outcome }) => `${step.id} ${outcome}`).join(', ');
  bed.say(`steps applied: ${told}`);
  const isDone = markers.length > 0 && markers.every(({ outcome }) => outcome === 'succeeded');
  bed.check('every step was applied', isDone, told);
  return markers;
};

/** Tells each check of the node with its verdict, reason and time. */
export const checkDoctor = async (bed: Bed, vm: Machine): Promise<void> => {
  const report = await readGuestJson<{ fit: boolean; checks: CheckResult[] }>(
    vm,
    'pilotage-agent doctor --json',
  );
  for (const { check, verdict, reason, tookMs } of report.checks)
    bed.say(`doctor: ${check} ${verdict} in ${tookMs} ms: ${reason}`);
  const isWhole = report.checks.every(
    ({ verdict, reason, tookMs }) => verdict !== undefined && reason !== '' && tookMs >= 0,
  );
  bed.check('each check has verdict, reason and time', isWhole && report.checks.length >= 10);
  bed.check('the node is fit', report.fit);
};

/** Content, access and time of all that a contextualization leaves. */
const FOOTPRINT = `find /etc /scratch /home /var/lib/pilotage/steps /var/lib/pilotage/originals \
/run/pilotage/credentials /run/pilotage/machinefeatures /run/pilotage/jobfeatures \
-printf '%p %y %T@ %i %m %u:%g\\n' 2>/dev/null | grep -v '^/scratch/[^ ]*/' | sort`;

/** Contextualizes once more, which must change nothing. */
export const checkSecondRun = async (bed: Bed, vm: Machine): Promise<void> => {
  const before = (await vm.run(FOOTPRINT)).output;
  const { results = [] } = await readGuestJson<{ results?: StepResult[] }>(
    vm,
    'pilotage-agent contextualize --json',
  );
  const told = results.map(({ id, outcome }) => `${id} ${outcome}`).join(', ');
  bed.say(`a second run: ${told}`);
  const isSpared = results.length > 0 && results.every(({ outcome }) => outcome === 'spared');
  bed.check('a second run is spared every step', isSpared, told);
  const seen = new Set(before.split('\n'));
  const after = (await vm.run(FOOTPRINT)).output;
  const changed = after.split('\n').filter(line => !seen.has(line));
  bed.check('and changes no file', before === after, changed.join('; ').slice(0, 500));
};
