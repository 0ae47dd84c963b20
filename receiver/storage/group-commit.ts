/** The transaction of one database connection; each call may throw. */
export interface TransactionControl {
  begin(): void;
  commit(): void;
  rollback(): void;
}

export interface GroupCommit {
  /** Resolves with what `work` returned, once the transaction that held it is committed. */
  run<T>(work: () => T): Promise<T>;
  /** Commits what is waiting, now. */
  flush(): void;
}

/** Works in one transaction, so that the last of a storm does not wait for all of it. */
export const MAX_BATCH = 512;

interface Waiter {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * Writes that are asked for in the same turn of the event loop share one transaction, and thereby
 * one sync to disk. When the commit fails, every waiter gets the error. When one work fails, the
 * works are tried again one by one, so that it fails alone; a work must therefore be repeatable.
 * @param schedule calls back once this turn has brought what it brings
 */
export const createGroupCommit = (
  transaction: TransactionControl,
  schedule: (callback: () => void) => void = callback => void setImmediate(callback),
): GroupCommit => {
  const waiting: Waiter[] = [];

  const commitTogether = (batch: readonly Waiter[]): void => {
    const values: unknown[] = [];
    let begun = false;
    let inWork = false;
    try {
      transaction.begin();
      begun = true;
      inWork = true;
      for (const { work } of batch) values.push(work());
      inWork = false;
      transaction.commit();
    } catch (error) {
      if (begun) rollback();
      if (inWork && batch.length > 1) for (const waiter of batch) commitTogether([waiter]);
      else for (const { reject } of batch) reject(error);
      return;
    }
    for (const [index, { resolve }] of batch.entries()) resolve(values[index]);
  };
  const rollback = (): void => {
    try {
      transaction.rollback();
    } catch {
      // The waiters get the error that led here; if the transaction still stands, the next cannot begin.
    }
  };
  const flush = (): void => {
    while (waiting.length > 0) commitTogether(waiting.splice(0, MAX_BATCH));
  };

  return {
    run: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve: value => resolve(value as T), reject });
        if (waiting.length === 1) schedule(flush);
      }),
    flush,
  };
};
