import { describe, expect, it, vi } from 'vitest';
import { createGroupCommit, MAX_BATCH } from '../../../../receiver/storage/group-commit.ts';

const createTransaction = () => ({ begin: vi.fn(), commit: vi.fn(), rollback: vi.fn() });

describe('createGroupCommit', () => {
  it('commits the works of one turn together, and answers only then', async () => {
    const transaction = createTransaction();
    const { run } = createGroupCommit(transaction);
    const order: string[] = [];
    transaction.commit.mockImplementation(() => order.push('commit'));
    const values = await Promise.all(
      [1, 2, 3].map(async n => {
        const value = await run(() => {
          order.push(`work ${n}`);
          return n * 10;
        });
        order.push(`answer ${n}`);
        return value;
      }),
    );
    expect(values).toEqual([10, 20, 30]);
    expect(order).toEqual([
      ...['work 1', 'work 2', 'work 3'],
      'commit',
      ...['answer 1', 'answer 2', 'answer 3'],
    ]);
    expect(transaction.begin).toHaveBeenCalledTimes(1);
  });

  it('gives every waiter the error when the commit fails, and goes on afterwards', async () => {
    const transaction = createTransaction();
    const { run } = createGroupCommit(transaction);
    const full = new Error('disk full');
    transaction.commit.mockImplementationOnce(() => {
      throw full;
    });
    const works = [vi.fn(), vi.fn(), vi.fn()];
    const results = await Promise.allSettled(works.map(work => run(work)));
    expect(results).toEqual(works.map(() => ({ status: 'rejected', reason: full })));
    for (const work of works) expect(work).toHaveBeenCalledTimes(1);
    expect(transaction.rollback).toHaveBeenCalledTimes(1);
    expect(await run(() => 'fine')).toBe('fine');
  });

  it('gives every waiter the error when no transaction can begin', async () => {
    const transaction = createTransaction();
    transaction.begin.mockImplementation(() => {
      throw new Error('locked');
    });
    const { run } = createGroupCommit(transaction);
    const results = await Promise.allSettled([run(() => 1), run(() => 2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(transaction.rollback).not.toHaveBeenCalled();
  });

  it('lets a work that fails by itself fail alone', async () => {
    const transaction = createTransaction();
    const { run } = createGroupCommit(transaction);
    const results = await Promise.allSettled([
      run(() => 1),
      run(() => {
        throw new Error('bad');
      }),
      run(() => 3),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(transaction.commit).toHaveBeenCalledTimes(2);
  });

  it('still answers when the rollback fails too', async () => {
    const transaction = createTransaction();
    transaction.commit.mockImplementation(() => {
      throw new Error('I/O error');
    });
    transaction.rollback.mockImplementation(() => {
      throw new Error('no transaction is active');
    });
    await expect(createGroupCommit(transaction).run(() => 1)).rejects.toThrow('I/O error');
  });

  it('bounds what one transaction holds', async () => {
    const transaction = createTransaction();
    const { run } = createGroupCommit(transaction);
    await Promise.all(Array.from({ length: MAX_BATCH + 1 }, (_, n) => run(() => n)));
    expect(transaction.commit).toHaveBeenCalledTimes(2);
  });

  it('commits at once when flushed', async () => {
    const transaction = createTransaction();
    const { run, flush } = createGroupCommit(transaction, () => undefined);
    const answer = run(() => 7);
    flush();
    expect(transaction.commit).toHaveBeenCalledTimes(1);
    expect(await answer).toBe(7);
  });
});
