import { type Check, ok, skipped, warning } from './check.ts';
import { askReceiver } from './receiver-answer.ts';

/** The way out to the receiver. A VM that cannot be heard still works, so this alone fails nothing. */
export const outbound: Check = {
  name: 'outbound',
  run: async (input, ports, signal) => {
    const answer = await askReceiver(input, ports, signal);
    if (answer.kind === 'none') return skipped('the context names no receiver');
    return answer.kind === 'silent' ? warning(answer.reason) : ok(`${answer.url} answers`);
  },
};
