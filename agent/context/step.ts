import type { ClosedService } from '../packet-filter.ts';
import type { CredentialSource } from './schema/credentials.ts';

/** A file with its access, as a step writes it. */
export interface PlannedFile {
  path: string;
  content: string;
  mode: number;
}

/** One user's own file of a credential. */
export interface CredentialCopy {
  path: string;
  /** The user's name. */
  owner: string;
}

export interface PlannedReceiver {
  url: string;
  ca: string | undefined;
  pin: string | undefined;
}

/** A user by name; its number is known only once it exists. */
export interface PlannedUser {
  name: string;
  home: string;
}

/** A setting of the kernel. */
export interface PlannedSetting {
  key: string;
  value: string;
  /** A kernel without it needs none. */
  isOptional: boolean;
}

/** A disk that was chosen for something. */
export interface PlannedDisk {
  /** Absent where there is none to be used: then `problem` says why, or the root disk has to do. */
  device?: string;
  problem?: string;
  /** What it carries once it is ours. */
  label: string;
  mayErase: boolean;
  /** By which a disk that was formatted for this instance is known again. */
  instanceId: string;
}

/** A setting in an ini file that is not ours; before the first section where that is empty. */
export interface PlannedIniSetting {
  path: string;
  section: string;
  key: string;
  value: string;
}

/** How packages are installed, and where they come from. */
export interface PlannedInstallation {
  /** Absent where the machine has none that is known. */
  manager?: 'dnf' | 'yum' | 'apt-get';
  names: string[];
  /** The address of a package that brings their repository. */
  release?: string;
  /** A repository and its key. */
  files: PlannedFile[];
  /** For the programs: the way to the web. */
  environment: Record<string, string>;
  limitMs: number;
}

interface Common {
  /** Unique and stable: its marker bears this name. */
  id: string;
  /** What a person reads in the plan. */
  what: string;
  /** `instance`: done once for this VM; `boot`: lost at a reboot, so done again. */
  lasts: 'instance' | 'boot';
  /** What an operator should know about it beforehand. */
  notices?: readonly string[];
}

/** One thing done to the VM. Plain data: the same context and facts give the same steps. */
export type Step =
  | (Common & { kind: 'hook'; path: string; limitMs: number })
  | (Common & {
      kind: 'proxies';
      files: PlannedFile[];
      /** Lines for files that are not ours. */
      marked: { path: string; lines: string[] }[];
      settings: PlannedIniSetting[];
    })
  | (Common & { kind: 'hostname'; hostname: string; hosts: string[]; files: PlannedFile[] })
  | (Common & { kind: 'time-zone'; zone: string })
  | (Common & {
      kind: 'time-servers';
      /** Absent where the machine has none that could set its clock. */
      service?: string;
      files: PlannedFile[];
      /** Lines for a file that is not ours. */
      marked?: { path: string; lines: string[] };
      waitMs: number;
    })
  | (Common & {
      kind: 'kernel';
      settings: PlannedSetting[];
      modules: string[];
      files: PlannedFile[];
    })
  | (Common & {
      kind: 'scratch-disk';
      disk: PlannedDisk;
      filesystem: 'ext4' | 'xfs';
      isPartitioned: boolean;
      mount: string;
    })
  | (Common & { kind: 'swap-disk'; disk: PlannedDisk })
  | (Common & { kind: 'swap-file'; path: string; sizeMb: number })
  /** Without an installation: the client has to be there. */
  | (Common & { kind: 'cvmfs-client'; installation?: PlannedInstallation })
  | (Common & { kind: 'cvmfs'; files: PlannedFile[] })
  | (Common & { kind: 'cvmfs-cache'; path: string })
  | (Common & { kind: 'authorities'; links: { path: string; target: string }[] })
  | (Common & {
      kind: 'cvmfs-mount';
      how: 'autofs' | 'fstab';
      repositories: string[];
      /** It moves only while nothing is mounted. */
      cache: string;
    })
  | (Common & { kind: 'pilot-users'; group: string; groups: string[]; users: PlannedUser[] })
  | (Common & { kind: 'scratch'; path: string; users: PlannedUser[] })
  | (Common & { kind: 'credential'; path: string; owner: string; content: string })
  | (Common & {
      kind: 'credential-source';
      name: string;
      source: CredentialSource;
      /** What serves where the source has nothing yet. */
      content?: string;
      /** Where the receiver is, if it is the source. */
      receiver?: PlannedReceiver;
      copies: CredentialCopy[];
    })
  | (Common & { kind: 'metadata-closed'; services: readonly ClosedService[] })
  | (Common & { kind: 'machine-features'; folder: string; keys: Record<string, string> })
  | (Common & { kind: 'job-features'; folder: string; keys: Record<string, string> });

export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

const sizeOf = (secret: string): string => `(secret, ${secret.length} characters)`;

const redactSource = (source: CredentialSource): CredentialSource => {
  const { endpoint } = source;
  if (endpoint === undefined) return source;
  const { clientSecret, refreshToken, pilotSecret } = endpoint;
  return {
    ...source,
    endpoint: {
      ...endpoint,
      ...(clientSecret === undefined ? {} : { clientSecret: sizeOf(clientSecret) }),
      ...(refreshToken === undefined ? {} : { refreshToken: sizeOf(refreshToken) }),
      ...(pilotSecret === undefined ? {} : { pilotSecret: sizeOf(pilotSecret) }),
    },
  };
};

/** The plan as it may be shown: secrets replaced by their size. */
export const redactStep = (step: Step): Step => {
  if (step.kind === 'credential') return { ...step, content: sizeOf(step.content) };
  if (step.kind !== 'credential-source') return step;
  const { content, source } = step;
  return {
    ...step,
    source: redactSource(source),
    ...(content === undefined ? {} : { content: sizeOf(content) }),
  };
};
