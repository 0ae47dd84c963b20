import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a subject is to start, and where. */
export interface Task {
  /** A folder of its own; it stands for the machine. */
  root: string;
  /** How many. */
  children: number;
  command: readonly [string, ...string[]];
  environment: Readonly<Record<string, string>>;
}

/** Our own words, handed over by {@link taskArguments}; they are not checked again. */
export const parseTask = (argv: readonly string[]): Task => JSON.parse(argv[2] ?? '') as Task;
export const taskArguments = (task: Task): [string] => [JSON.stringify(task)];

/** Where a subject says that it is ready, and when it began, ms since 1970. */
export const readyFile = ({ root }: Pick<Task, 'root'>): string => join(root, 'ready');
export const beganFile = ({ root }: Pick<Task, 'root'>): string => join(root, 'began');
/** Where each child leaves an empty file as soon as it runs; its time of change tells when. */
export const startedFolder = ({ root }: Pick<Task, 'root'>): string => join(root, 'started');

/** Says that the subject is ready. What comes back waits for SIGUSR2, and notes the time. */
export const prepareToBegin = (task: Task): (() => Promise<void>) => {
  const told = new Promise<void>(resolve => process.once('SIGUSR2', () => resolve()));
  writeFileSync(readyFile(task), '');
  return async () => {
    await told;
    writeFileSync(beganFile(task), String(performance.timeOrigin + performance.now()));
  };
};
