import { expect, test } from 'vitest';
import { shareRunning } from '../../../platform/share-running.ts';

test('callers at the same time share one run, later ones get another', async () => {
  let runs = 0;
  let go = (): void => undefined;
  const work = shareRunning(async () => {
    runs += 1;
    await new Promise<void>(resolve => {
      go = resolve;
    });
    return runs;
  });
  const together = [work(), work()];
  go();
  expect(await Promise.all(together)).toEqual([1, 1]);
  const later = work();
  go();
  expect(await later).toBe(2);
});

test('a failure is shared, and not kept', async () => {
  let fails = true;
  const work = shareRunning(async () => {
    if (fails) throw new Error('once');
    return 'well';
  });
  const together = await Promise.allSettled([work(), work()]);
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await work()).toBe('well');
});
