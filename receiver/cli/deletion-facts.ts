import type { DeletionView } from '../fleet/deletion-view.ts';
import type { VmDetail, VmSummary } from '../fleet/vm-view.ts';

/** `still billed: disks; asked 3 times; …`: what is left of a VM in its cloud. */
export const deletionText = ({
  deletion,
  billed,
}: Pick<VmSummary, 'deletion' | 'billed'>): string =>
  [
    billed.length === 0 ? '' : `billed: ${billed.join(', ')}`,
    deletion === null || deletion.attempts === 0
      ? ''
      : `asked ${deletion.attempts} ${deletion.attempts === 1 ? 'time' : 'times'}`,
    deletion?.hasGivenUp === true ? 'given up' : '',
    deletion?.said ?? '',
  ]
    .filter(text => text !== '')
    .join('; ');

const cloudText = ({ cloud }: VmDetail): string => {
  if (cloud === null) return '';
  const { name, instanceId = '', instanceName = '', region = '', zone = '', project = '' } = cloud;
  const where = [zone === '' ? region : zone, project].filter(text => text !== '').join(', ');
  return [name, instanceName, instanceId === instanceName ? '' : instanceId, where]
    .filter(text => text !== '')
    .join(' ');
};

const CAUSES = { halted: 'it halted', lost: 'it is lost', operator: 'an operator wants it' };
const stateText = ({ state, since, cause }: DeletionView): string =>
  `${state}, since ${since}, because ${CAUSES[cause]}`;

/** Lines of `show`. */
export const deletionFacts = (vm: VmDetail): [string, string][] => [
  ['cloud', cloudText(vm)],
  ['life cycle', vm.cloud?.lifeCycle ?? ''],
  [
    'group',
    vm.cloud?.groupKind === undefined
      ? ''
      : [vm.cloud.groupKind, vm.cloud.group ?? '', vm.isSpared === true ? '(spares it)' : '']
          .filter(text => text !== '')
          .join(' '),
  ],
  ['billed', vm.billed.join(', ')],
  ['deletion', vm.deletion === null ? '' : stateText(vm.deletion)],
  ['next attempt', vm.deletion?.nextAttemptAt ?? ''],
  ['it was said', vm.deletion?.said ?? ''],
];
