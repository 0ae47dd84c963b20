import * as v from 'valibot';
import { PilotageError } from '../../../platform/errors.ts';
import { parseJson } from '../../../platform/parse-json.ts';

/** A cloud's JSON of a given shape; `reply-invalid` for anything else. */
export const jsonAnswer = <T>(
  schema: v.GenericSchema<unknown, T>,
  bytes: Buffer,
  what: string,
): T => {
  const parsed = parseJson(schema, bytes.toString('utf8'));
  if (parsed === undefined)
    throw new PilotageError('reply-invalid', `${what} is not the JSON that it should be`);
  return parsed;
};

/** Keys of which any may be missing or of another type: what is not understood is not told. */
export const Loose = v.record(v.string(), v.unknown());
