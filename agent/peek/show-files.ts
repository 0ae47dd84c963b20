import { table } from '../../platform/table.ts';
import { plain } from './process-facts.ts';

/** For `find`: one file, whatever its name holds. Nothing of it begins a line but the type. */
export const FIND_FORMAT = '%y\\t%m\\t%u\\t%s\\t%TY-%Tm-%Td %TH:%TM\\0>%l\\0./%P\\0\\n';

interface Entry {
  type: string;
  mode: string;
  user: string;
  size: string;
  changed: string;
  target: string;
  name: string;
}

const SHOWN = 1000;

const parseEntry = (record: string): Entry | undefined => {
  const [head = '', target = '', name = ''] = record.split('\0');
  const [type, mode, user, size, changed] = head.split('\t');
  if (changed === undefined || !target.startsWith('>') || !name.startsWith('./')) return undefined;
  return {
    type: plain(type ?? ''),
    mode: mode ?? '',
    user: user ?? '',
    size: size ?? '',
    changed,
    target: plain(target.slice(1)),
    name: plain(name.slice(2)),
  };
};

/** What `find` printed by that format, as a list for people. The folder itself stands first, as a dot. */
export const showFiles = (output: string): { text: string; isCut: boolean } => {
  const entries = output
    .split('\0\n')
    .filter(record => record !== '')
    .map(parseEntry)
    .filter(entry => entry !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = entries
    .slice(0, SHOWN)
    .map(({ type, mode, user, size, changed, target, name }) => [
      type,
      mode,
      user,
      size,
      changed,
      `${name === '' ? '.' : name}${target === '' ? '' : ` -> ${target}`}`,
    ]);
  const head = ['TYPE', 'MODE', 'OWNER', 'BYTES', 'CHANGED', 'NAME'];
  return { text: `${table(head, rows)}\n`, isCut: entries.length > SHOWN };
};
