import { PilotageError } from '../../../platform/errors.ts';
import { createAsker, leftUntil, textOf } from './asker.ts';
import type { Announcement, NoticePorts, NoticeSource, Poller } from './source.ts';

const MAX_BYTES = 64;

/** Key by key of Machine/Job Features. */
interface Folder {
  /** ms until the moment, UNIX s, that a key holds; `undefined` where there is no such key. */
  left(key: string): Promise<{ secs: number; leftMs: number } | undefined>;
  close(): Promise<void>;
}

const parseSecs = (text: string, where: string): number => {
  const match = /^\s*(\d{1,11})\s*$/.exec(text);
  if (match === null)
    throw new PilotageError('reply-invalid', `${where} holds no time in UNIX seconds`);
  return Number(match[1]);
};

const ofFiles = ({ files, clock }: NoticePorts, folder: string): Folder => ({
  left: async key => {
    const path = `${folder}/${key}`;
    const text = (await files.readPiece(path, 0, MAX_BYTES))?.toString('latin1');
    if (text === undefined) return undefined;
    const secs = parseSecs(text, files.locate(path));
    return { secs, leftMs: secs * 1000 - clock.wallMs() };
  },
  close: async () => undefined,
});

const ofServer = ({ http, clock }: NoticePorts, url: string, signal: AbortSignal): Folder => {
  const { origin, pathname } = new URL(url);
  const asker = createAsker(http, [origin], signal);
  return {
    left: async key => {
      const path = `${pathname.replace(/\/$/, '')}/${key}`;
      const reply = await asker.ask({ path });
      const text = textOf(reply, origin, path);
      if (text === undefined) return undefined;
      const secs = parseSecs(text, `${origin}${path}`);
      return { secs, leftMs: leftUntil(secs * 1000, reply, clock) };
    },
    close: asker.close,
  };
};

/** $MACHINEFEATURES and $JOBFEATURES with the key that says when each ends. */
const KEYS = [
  ['machineFeatures', 'shutdowntime'],
  ['jobFeatures', 'shutdowntime_job'],
] as const;

/**
 * The shutdown times of Machine/Job Features (HSF-TN-2016-02) of the machine around this VM, as Vac,
 * Vcycle and batch systems publish them: in folders or at addresses that the context names. Both may be
 * there, and either may come, move and go.
 */
export const outerFeatures: NoticeSource = {
  name: 'outer-features',
  isFor: ({ settings }) => KEYS.some(([place]) => settings[place] !== undefined),
  everyMs: () => 60_000,
  timeoutMs: 10_000,
  create: (ports, { settings }, signal): Poller => {
    const folders = KEYS.flatMap(([place, key]) => {
      const where = settings[place];
      if (where === undefined) return [];
      const isFolder = where.startsWith('/');
      return [
        { where, key, folder: isFolder ? ofFiles(ports, where) : ofServer(ports, where, signal) },
      ];
    });
    return {
      poll: async () => {
        const announced: Announcement[] = [];
        for (const { where, key, folder } of folders) {
          const found = await folder.left(key);
          if (found === undefined) continue;
          const { secs, leftMs } = found;
          const when = new Date(secs * 1000).toISOString().replace('.000', '');
          announced.push({
            ...{ id: key, kind: 'preempt', leftMs, told: String(secs) },
            because: `${where} says that this machine ends at ${when}`,
          });
        }
        return announced;
      },
      close: async () => {
        await Promise.all(folders.map(({ folder }) => folder.close()));
      },
    };
  },
};
