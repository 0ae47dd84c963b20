import { fuzzInputs } from '../../fuzz/input-fuzzer.ts';

/** A batch takes a while, as real ones do. */
const pause = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);

const spin = (): never => {
  for (;;);
};

/** Crashes, refuses, accepts, and in its third batch never ends. */
export const fuzzer = fuzzInputs({
  codes: ['known', 'never-reached'],
  inputs: (_seed, batch) => {
    pause();
    const texts = batch === 2 ? ['hang'] : ['crash', 'refuse', 'accept'];
    return texts.map(text => Buffer.from(text));
  },
  judge: input => {
    const text = input.toString();
    if (text === 'hang') return spin();
    if (text === 'crash') throw new Error('a fault');
    return { accepted: text === 'accept', codes: text === 'refuse' ? ['known'] : [] };
  },
});
