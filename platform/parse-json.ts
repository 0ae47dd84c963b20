import * as v from 'valibot';

/** JSON text of a given shape; `undefined` for any other text. What the caller makes of that is its own. */
export const parseJson = <T>(schema: v.GenericSchema<unknown, T>, text: string): T | undefined => {
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
