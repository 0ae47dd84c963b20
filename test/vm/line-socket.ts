import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Connects to a Unix socket that another program is about to open, and hands on its lines.
 * @throws Error when it is not there in time
 */
export const connectLines = async (
  path: string,
  onLine: (line: string) => void,
  timeoutMs = 10_000,
): Promise<Socket> => {
  const endsAt = Date.now() + timeoutMs;
  while (!existsSync(path)) {
    if (Date.now() > endsAt) throw new Error(`nothing listens at ${path}`);
    await delay(20);
  }
  const socket = connect(path);
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.trim());
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  // From here on a broken connection means that QEMU ended, which its exit tells.
  socket.removeAllListeners('error');
  socket.on('error', () => socket.destroy());
  return socket;
};
