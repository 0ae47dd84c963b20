import { expect, test } from 'vitest';
import { traceJsonSchema } from '../../../../agent/simulate/json-schema.ts';
import { TraceHead, TraceLine } from '../../../../agent/simulate/trace.ts';

test('the published schema names every key of a trace, and which it cannot be without', () => {
  const [head, line] = traceJsonSchema().anyOf;
  expect(Object.keys(head?.properties ?? {})).toEqual(Object.keys(TraceHead.entries));
  expect(Object.keys(line?.properties ?? {})).toEqual(Object.keys(TraceLine.entries));
  expect([head?.required, line?.required]).toEqual([['trace'], ['atMs']]);
});
