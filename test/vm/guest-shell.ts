import { connectLines } from './line-socket.ts';

export interface GuestResult {
  exitCode: number;
  /** Standard output and error as one. */
  output: string;
}

/** Runs commands inside the guest as root, one after the other, through a virtio serial port. */
export interface GuestShell {
  run(command: string, timeoutMs: number): Promise<GuestResult>;
  close(): void;
}

/** A command asked for before the guest's end has come up waits for it. */
export const connectGuestShell = async (path: string): Promise<GuestShell> => {
  const answers = new Map<string, (result: GuestResult) => void>();
  const socket = await connectLines(path, line => {
    const [id = '', code = '', encoded = ''] = line.split(' ');
    answers.get(id)?.({
      exitCode: Number(code),
      output: Buffer.from(encoded, 'base64').toString('utf8'),
    });
  });
  let count = 0;
  const ask = (command: string, timeoutMs: number): Promise<GuestResult> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new Error(`the guest is gone; it was asked: ${command}`));
      count += 1;
      const id = `c${count}`;
      const finish = (): void => {
        answers.delete(id);
        clearTimeout(timer);
        socket.off('close', gone);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`the guest did not answer within ${timeoutMs} ms: ${command}`));
      }, timeoutMs);
      const gone = (): void => {
        finish();
        reject(new Error(`the guest is gone; it was asked: ${command}`));
      };
      socket.once('close', gone);
      answers.set(id, result => {
        finish();
        resolve(result);
      });
      socket.write(`${id} ${Buffer.from(command).toString('base64')}\n`);
    });
  return { run: ask, close: () => socket.destroy() };
};
