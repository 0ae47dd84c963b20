import type { Command } from '../pilot/kinds/kind.ts';

/** A piece of a log that a pilot writes itself. */
export interface OwnLogPiece {
  /** The file's name, without `.old`. */
  name: string;
  /** Tells files apart, whatever they are called by now. */
  inode: string;
  fromByte: number;
  bytes: Buffer;
}

export interface OwnLogQuestion {
  /** The part of the path that belongs to root, and the rest of it, which a pilot may have made of anything. */
  base: string;
  folder: string;
  /** Names in it; `*` stands for any text. */
  names: readonly string[];
  /** Where to go on in files that were read before, by inode. */
  known: ReadonlyMap<string, number>;
  /** From the end of a file that was not read before, or far behind; and of each file in one answer. */
  bytes: number;
}

/** Files in one answer. */
const MOST_FILES = 32;
const TIMEOUT_MS = 10_000;
/** Behind by so many answers, a file is read from near its end. */
const FAR_TIMES = 16;

/**
 * Read by a shell and dd(1) with the pilot's own numbers, so that what leads elsewhere leads to nothing
 * that the pilot could not read itself. A folder that was reached over a link is left at once; of what
 * is in it only regular files are opened, by a call that follows no link and waits for nobody
 * (O_NOFOLLOW, O_NONBLOCK), and so much of them is read and no more. Its time on the processor and its
 * memory are bounded, since names and sizes are the pilot's.
 */
const SCRIPT = `
ulimit -t 5 -v 500000 2>/dev/null
cd "$1" 2>/dev/null || exit 0
here=$(pwd -P)/$2
cd "./$2" 2>/dev/null && [ "$(pwd -P)" = "$here" ] || exit 0
known=$3 most=$4 left=${MOST_FILES}
shift 4
for pattern in "$@"; do for file in $pattern; do
  case $file in .* | *[!A-Za-z0-9._-]*) continue ;; esac
  [ -f "$file" ] && [ ! -L "$file" ] || continue
  [ $left -gt 0 ] || exit 0
  left=$((left - 1))
  facts=$(stat -c '%i %s' -- "$file" 2>/dev/null) || continue
  inode=\${facts% *} size=\${facts#* }
  from=-1
  for each in $known; do [ "\${each%:*}" = "$inode" ] && from=\${each#*:}; done
  if [ $from -lt 0 ] || [ $((size - from)) -gt $((most * ${FAR_TIMES})) ]; then
    from=$((size > most ? size - most : 0))
  fi
  [ $size -gt $from ] || { [ $size -lt $from ] && from=0; } || continue
  printf '%s %s %s ' "$file" "$inode" "$from"
  dd if="./$file" iflag=nofollow,nonblock,skip_bytes,count_bytes,fullblock skip=$from count=$most bs=65536 2>/dev/null | base64 -w0
  echo
done; done
`;

export const ownLogsCommand = ({ base, folder, names, known, bytes }: OwnLogQuestion): Command => ({
  program: '/bin/sh',
  args: [
    ...['-c', SCRIPT, 'pilotage-logs', base, folder],
    [...known].map(([inode, from]) => `${inode}:${from}`).join(' '),
    ...[String(bytes), ...names],
  ],
  environment: { LC_ALL: 'C' },
  user: 'pilot',
  timeoutMs: TIMEOUT_MS,
  maxOutputBytes: MOST_FILES * (bytes * 1.5 + 200),
});

/**
 * What the shell said, predecessors first; a line that is none of its own is left out.
 * @param most bytes of each file in the answer: what follows on a predecessor that has more waits for it
 */
export const parseOwnLogs = (output: string, most: number): OwnLogPiece[] => {
  const isOld = (line: string): boolean => /^\S+\.old /.test(line);
  const lines = output.split('\n');
  const waiting = new Set<string>();
  return [...lines.filter(isOld), ...lines.filter(line => !isOld(line))].flatMap(line => {
    const match =
      /^([A-Za-z0-9_-][A-Za-z0-9._-]{0,80}) (\d{1,20}) (\d{1,15}) ([A-Za-z0-9+/=]*)$/.exec(line);
    const [, name, inode, from, text] = match ?? [];
    if (name === undefined || inode === undefined || text === undefined) return [];
    const bytes = Buffer.from(text, 'base64');
    const current = name.replace(/\.old$/, '');
    if (bytes.length === 0 || waiting.has(current)) return [];
    if (isOld(line) && bytes.length >= most) waiting.add(current);
    return [{ name: current, inode, fromByte: Number(from), bytes }];
  });
};
