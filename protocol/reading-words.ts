import type { ToldReading } from './readings.ts';

type Unit = 'cores' | 'share' | 'percent' | 'bytes/s' | 'yes' | 'count' | 'ms';

/** What each is called before people, and in what it is counted. */
const WORDS: Readonly<Record<string, readonly [label: string, unit: Unit]>> = {
  busyCores: ['cores busy', 'cores'],
  ioWaitCores: ['I/O wait', 'cores'],
  networkBytesPerS: ['network', 'bytes/s'],
  diskBytesPerS: ['disk traffic', 'bytes/s'],
  memoryFreeShare: ['memory free', 'share'],
  cpuPressure: ['CPU pressure', 'percent'],
  memoryPressure: ['memory pressure', 'percent'],
  ioPressure: ['I/O pressure', 'percent'],
  diskFreeShare: ['disk free', 'share'],
  inodesFreeShare: ['inodes free', 'share'],
  cvmfs: ['CVMFS answers', 'yes'],
  cvmfsErrors: ['new CVMFS I/O errors', 'count'],
  cvmfsBytesPerS: ['CVMFS downloads', 'bytes/s'],
  squid: ['a squid serves', 'yes'],
  clockOffsetMs: ['clock ahead by', 'ms'],
};

const short = (value: number): string => String(Number(value.toPrecision(3)));

const PREFIXES = ['', 'k', 'M', 'G', 'T'] as const;
const bytesText = (value: number): string => {
  const step = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3));
  return `${short(value / 1000 ** step)} ${PREFIXES[step]}B/s`;
};

const TEXT: Readonly<Record<Unit, (value: number) => string>> = {
  cores: value => `${short(value)} cores`,
  share: value => `${short(value * 100)} %`,
  percent: value => `${short(value)} %`,
  'bytes/s': bytesText,
  yes: value => (value > 0 ? 'yes' : 'no'),
  count: short,
  ms: value => `${Math.round(value)} ms`,
};

/** For people: what a reading is called, and what it says. */
export const readingWords = (name: string, told: ToldReading): { label: string; text: string } => {
  const [label, unit] = WORDS[name] ?? [name, 'count'];
  return { label, text: typeof told === 'number' ? TEXT[unit](told) : told };
};
