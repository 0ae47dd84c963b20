/** What a guest wrote on its serial console. */
export interface Console {
  add(text: string): void;
  text(): string;
  /** The first match from the beginning on, now or when it comes. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** No more will come: whoever still waits is told why. */
  end(why: string): void;
}

export const createConsole = (): Console => {
  let seen = '';
  let ended: string | undefined;
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of [...waiters]) waiter();
  };
  return {
    add: text => {
      seen += text.replaceAll('\r', '');
      wake();
    },
    text: () => seen,
    waitFor: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const finish = (): void => {
          waiters.delete(look);
          clearTimeout(timer);
        };
        const fail = (why: string): void => {
          finish();
          reject(new Error(`${why} while waiting for ${pattern} on the console`));
        };
        const look = (): void => {
          const match = pattern.exec(seen);
          if (match === null) {
            if (ended !== undefined) fail(ended);
            return;
          }
          finish();
          resolve(match);
        };
        const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
        waiters.add(look);
        look();
      }),
    end: why => {
      ended = why;
      wake();
    },
  };
};
