/** Where things lie on a machine; with `--root` the folder is put before each. */
export const PATHS = {
  /** Defaults baked into the image, merged first. */
  imageContext: '/usr/lib/pilotage/context.d',
  /** What user-data brought, merged second. */
  context: '/etc/pilotage/context.d',
  /** Below these files may be included in a context of the machine. */
  imageConfiguration: '/usr/lib/pilotage',
  configuration: '/etc/pilotage',
  preHooks: '/etc/pilotage/pre.d',
  postHooks: '/etc/pilotage/post.d',
  /** Lasts as long as the VM's disk. */
  state: '/var/lib/pilotage',
  steps: '/var/lib/pilotage/steps',
  /** Files of the system as they were before a step wrote them. */
  originals: '/var/lib/pilotage/originals',
  /** Settings of the system as they were before a step changed them. */
  former: '/var/lib/pilotage/former',
  latch: '/var/lib/pilotage/latch',
  monitorState: '/var/lib/pilotage/monitor.json',
  /** How the boots of this instance came about. */
  boots: '/var/lib/pilotage/boots',
  enrolment: '/var/lib/pilotage/enrolment.json',
  refreshTokens: '/var/lib/pilotage/refresh-tokens',
  sequence: '/var/lib/pilotage/sequence',
  /** Which logs were put where the context says. */
  logsUploaded: '/var/lib/pilotage/logs-uploaded.json',
  /** Which logs are still to be sent whole. */
  logUploads: '/var/lib/pilotage/log-uploads.json',
  logs: '/var/log/pilotage',
  /** What the VM came to. */
  shutdownMessage: '/var/log/pilotage/shutdown_message',
  /** Compressed parts of logs, and where each log begins. */
  oldLogs: '/var/log/pilotage/old',
  /** In memory: gone at a reboot. */
  run: '/run/pilotage',
  resolvedContext: '/run/pilotage/context.json',
  lifeline: '/run/pilotage/lifeline.json',
  /** What the cloud told in this boot, and the user-data that it gave. */
  learnt: '/run/pilotage/learnt.json',
  userData: '/run/pilotage/user-data.base64',
  /** What contexts included by address in this boot. */
  includes: '/run/pilotage/includes',
  /** Where the cloud's small disks are opened. */
  disks: '/run/pilotage/disks',
  status: '/run/pilotage/status.json',
  /** The agent's progress, for the dead man's watch. */
  progress: '/run/pilotage/progress',
  /** How far the logs that pilots write themselves have been copied. */
  ownLogs: '/run/pilotage/own-logs',
  agentPid: '/run/pilotage/agent.pid',
  requests: '/run/pilotage/requests',
  /** Beside our folder: systemd writes there in the unit's own view, in which our folder is empty. */
  exits: '/run/pilotage-exits',
  pilots: '/run/pilotage/pilots',
  /** What all pilots are told, and may see. */
  told: '/run/pilotage/told',
  /** Exists while the VM drains, for pilots to see. */
  draining: '/run/pilotage/told/draining',
  credentials: '/run/pilotage/credentials',
  credentialRecords: '/run/pilotage/credential-records',
  /** What a folder's packet filter would be told. */
  packetFilter: '/run/pilotage/packet-filter.nft',
  machineFeatures: '/run/pilotage/machinefeatures',
  jobFeatures: '/run/pilotage/jobfeatures',
} as const;
