import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema';
import { TraceHead, TraceLine } from './trace.ts';

// Every number of JSON is finite.
const CONFIG: ConversionConfig = { typeMode: 'input', ignoreActions: ['finite'] };

/** The published schema of the lines of a trace: of the first, and of each other one. */
export const traceJsonSchema = () => {
  const convert = (schema: typeof TraceHead | typeof TraceLine) => {
    const { $schema: _, ...converted } = toJsonSchema(schema, CONFIG);
    return converted;
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A line of a Pilotage trace, version 1',
    anyOf: [
      { title: 'the first line', ...convert(TraceHead) },
      { title: 'each other line', ...convert(TraceLine) },
    ],
  };
};
