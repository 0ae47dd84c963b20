import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { INSTALLED_FILES } from '../../bootstrap/installed-files.ts';
import { cachedFolder, digestOf } from '../support/cache-folder.ts';
import { runOnHost } from '../support/host-exec.ts';
import { imageIn, type VmImage } from './base-image.ts';

/** One change to the image: a folder with those above it, a file of the host put at a path, or a link. */
export type ImageChange =
  | { kind: 'folder'; path: string }
  | { kind: 'file'; path: string; from: string; mode: string }
  | { kind: 'link'; path: string; target: string };

const UNIT_FOLDER = '/usr/lib/systemd/system';

/** A unit goes to systemd's folder, and is enabled as its own `[Install]` section says. */
export const planUnit = (name: string, from: string, text: string): ImageChange[] => [
  { kind: 'file', path: `${UNIT_FOLDER}/${name}`, from, mode: '0100644' },
  ...[...text.matchAll(/^WantedBy=(.+)$/gm)]
    .flatMap(([, targets]) => (targets ?? '').trim().split(/\s+/))
    .map(
      (target): ImageChange => ({
        kind: 'link',
        path: `/etc/systemd/system/${target}.wants/${name}`,
        target: `${UNIT_FOLDER}/${name}`,
      }),
    ),
];

const planAgent = (repository: string): ImageChange[] => {
  const units = join(repository, 'bootstrap/systemd');
  const names = existsSync(units) ? readdirSync(units) : [];
  return [
    {
      kind: 'file',
      path: '/usr/bin/pilotage-agent',
      from: join(repository, 'dist/pilotage-agent'),
      mode: '0100755',
    },
    { kind: 'link', path: '/usr/bin/shoal-client', target: 'pilotage-agent' },
    ...INSTALLED_FILES.flatMap(({ from, path, mode }): ImageChange[] => [
      { kind: 'folder', path: dirname(path) },
      {
        ...{ kind: 'file', path, from: join(repository, from) },
        mode: `0100${mode.toString(8)}`,
      },
    ]),
    ...names
      .filter(name => /\.(?:service|timer|slice|target|path|socket)$/.test(name))
      .flatMap(name => planUnit(name, join(units, name), readFileSync(join(units, name), 'utf8'))),
  ];
};

const scriptOf = (change: ImageChange): string[] => {
  switch (change.kind) {
    case 'folder':
      return [`mkdir ${change.path}`];
    case 'link':
      return [`symlink ${change.path} ${change.target}`];
    case 'file':
      return [
        // `write` takes a bare name, in the folder where debugfs stands.
        `cd ${dirname(change.path)}`,
        `write ${change.from} ${basename(change.path)}`,
        `set_inode_field ${change.path} mode ${change.mode}`,
        `set_inode_field ${change.path} uid 0`,
        `set_inode_field ${change.path} gid 0`,
      ];
  }
};

/** debugfs on a folder that is there, which is how it should be. */
const KNOWN_FOLDER = /Ext2 directory already exists/;

/** Changes the filesystem without mounting it. debugfs always ends well, so its words are read. */
const changeImage = async (disk: string, changes: readonly ImageChange[], work: string) => {
  const script = join(work, 'debugfs-script');
  writeFileSync(script, `${changes.flatMap(scriptOf).join('\n')}\n`);
  const { stderr } = await runOnHost('debugfs', ['-w', '-f', script, disk]);
  const complaints = stderr
    .split('\n')
    .filter(line => line !== '' && !/^debugfs \d/.test(line) && !KNOWN_FOLDER.test(line));
  if (complaints.length > 0) throw new Error(`debugfs: ${complaints.join('; ')}`);
};

/** Of the systems that guests have, two versions each. */
const KEPT = 4;

/**
 * The base image with the agent's binary and units baked in, the units enabled.
 * Fails plainly where the binary was not built.
 */
export const buildAgentImage = async (
  baseFolder: string,
  repository: string,
  narrate: (line: string) => void,
): Promise<VmImage> => {
  if (!existsSync(join(repository, 'dist/pilotage-agent')))
    throw new Error('there is no dist/pilotage-agent: run npm run build:agent first');
  const changes = planAgent(repository);
  const contents = changes.map(change =>
    change.kind === 'file' ? readFileSync(change.from) : change.path,
  );
  const key = digestOf([
    ...[baseFolder, JSON.stringify(changes), readFileSync(import.meta.filename)],
    ...contents,
  ]);
  const bake = async (target: string): Promise<void> => {
    narrate('baking the agent into the image');
    const base = imageIn(baseFolder);
    const image = imageIn(target);
    copyFileSync(base.kernel, image.kernel);
    copyFileSync(base.initrd, image.initrd);
    await runOnHost('cp', ['--sparse=always', '--reflink=auto', base.disk, image.disk]);
    await changeImage(image.disk, changes, target);
  };
  const folder = await cachedFolder('vm-agent', key, bake, KEPT);
  return imageIn(folder);
};
