import { connectLines } from './line-socket.ts';

/** QEMU's machine protocol, as far as the tests need it. */
export interface Qmp {
  /** A command of QEMU's monitor for people; its text answer. */
  monitor(commandLine: string): Promise<string>;
  /** Why the guest stopped, e.g. `guest-shutdown` or `guest-reset`, once QEMU has said so. */
  shutdownReason(): string | undefined;
  close(): void;
}

interface QmpMessage {
  return?: unknown;
  error?: { desc: string };
  event?: string;
  data?: { reason?: string };
}

/** Commands are answered in the order in which they were sent. */
export const connectQmp = async (path: string): Promise<Qmp> => {
  const waiting: { resolve: (text: string) => void; reject: (error: Error) => void }[] = [];
  let reason: string | undefined;
  const socket = await connectLines(path, line => {
    if (line === '') return;
    const message = JSON.parse(line) as QmpMessage;
    if (message.event === 'SHUTDOWN') reason = message.data?.reason;
    if (message.error !== undefined) waiting.shift()?.reject(new Error(message.error.desc));
    else if ('return' in message) {
      const text = message.return;
      waiting.shift()?.resolve(typeof text === 'string' ? text : '');
    }
  });
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('QEMU ended'));
  });
  const send = (execute: string, args?: object): Promise<string> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute, ...(args && { arguments: args }) })}\n`);
    });
  await send('qmp_capabilities');
  return {
    monitor: commandLine => send('human-monitor-command', { 'command-line': commandLine }),
    shutdownReason: () => reason,
    close: () => socket.destroy(),
  };
};
