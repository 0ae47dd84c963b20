import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from '../../platform/errors.ts';

const tryConnect = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });

/** What a socket answers that is not there yet, or is there and not listened at yet. */
const NOT_YET = ['ENOENT', 'ECONNREFUSED'];

const connectOnceOpen = async (path: string, timeoutMs: number): Promise<Socket> => {
  const endsAt = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await tryConnect(path);
    } catch (error) {
      if (!NOT_YET.includes(errnoOf(error) ?? '')) throw error;
      if (Date.now() > endsAt) throw new Error(`nothing listens at ${path}`, { cause: error });
    }
    await delay(20);
  }
};

/**
 * Connects to a Unix socket that another program is about to open, and hands on its lines.
 * @throws Error when it is not there in time
 */
export const connectLines = async (
  path: string,
  onLine: (line: string) => void,
  timeoutMs = 10_000,
): Promise<Socket> => {
  const socket = await connectOnceOpen(path, timeoutMs);
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.trim());
  });
  // From here on a broken connection means that QEMU ended, which its exit tells.
  socket.removeAllListeners('error');
  socket.on('error', () => socket.destroy());
  return socket;
};
