import * as v from 'valibot';
import type { RefusalCode } from '../../protocol/error.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { ProtocolVersion } from '../../protocol/words.ts';

export type Parsed<T> = { ok: true; value: T } | { ok: false; code: RefusalCode; message: string };

/** `pilots.3.state: Invalid type: …`: the first thing that is wrong, and where. */
const firstIssue = (issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string => {
  const place = v.getDotPath(issues[0]);
  return place === null ? issues[0].message : `${place}: ${issues[0].message}`;
};

/** For operators' requests, whose only version is the path's. */
export const parseInput = <S extends v.GenericSchema>(
  schema: S,
  input: unknown,
): Parsed<v.InferOutput<S>> => {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  return { ok: false, code: 'bad-request', message: firstIssue(result.issues) };
};

/** For VMs' messages: the version is looked at first, since a schema judges only its own version. */
export const parseMessage = <S extends v.GenericSchema>(
  schema: S,
  input: unknown,
): Parsed<v.InferOutput<S>> => {
  const first = parseInput(v.object({ protocol: ProtocolVersion }), input);
  if (!first.ok) return first;
  if (first.value.protocol === PROTOCOL_VERSION) return parseInput(schema, input);
  const message = `protocol ${first.value.protocol} is not spoken here, only ${PROTOCOL_VERSION}`;
  return { ok: false, code: 'protocol-unsupported', message };
};
