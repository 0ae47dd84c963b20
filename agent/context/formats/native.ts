import type { Format } from './piece.ts';
import { textOf } from './text.ts';

/** Our own YAML or JSON: whatever is nothing else; its parser says what is wrong with it. */
export const native: Format = {
  name: 'native',
  recognises: () => true,
  read: piece => [
    { context: { name: piece.name, text: textOf(piece), lineOffset: piece.lineOffset } },
  ],
};
