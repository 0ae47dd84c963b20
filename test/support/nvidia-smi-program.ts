import { answerAsSmi, type FakeSmi } from './nvidia-smi.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The stand-in as a program of a machine that has no Node: it knows the answers to these calls, and
 * refuses any other.
 */
export const smiProgram = (smi: FakeSmi, calls: readonly (readonly string[])[]): string => {
  const cases = calls.map(args => {
    const { exitCode, stdout } = answerAsSmi(smi, args);
    return `${quoted(args.join(' '))}) printf %s ${quoted(stdout)}; exit ${exitCode} ;;`;
  });
  return [
    '#!/bin/sh',
    'case "$*" in',
    ...cases,
    `*) echo "Invalid combination of input arguments: $*"; exit 2 ;;`,
    'esac',
    '',
  ].join('\n');
};

const CSV = '--format=csv,noheader,nounits';

/** Every call that the agent makes. */
export const AGENT_CALLS = [
  ['-L'],
  ['--query-gpu=uuid,name,memory.total', CSV],
  ['--query-gpu=index,name,driver_version,ecc.errors.uncorrected.volatile.total', CSV],
  ['--query-gpu=uuid,utilization.gpu', CSV],
  ['--query-compute-apps=gpu_uuid,pid', CSV],
];
