import type { ParsedContext } from './parse.ts';
import { refusal } from './problem.ts';

type Placed = Pick<ParsedContext, 'context' | 'placeOf'>;

const noticesOfMetadata = ({ context, placeOf }: Placed): string[] => {
  if (context.pilots === undefined || context.metadata.close !== false) return [];
  const { file, line } = placeOf(['metadata', 'close']);
  return [
    `${file}:${line}: metadata.close: pilots and payloads can read the user-data and the role of the VM`,
  ];
};

const noticesOfGlidein = ({ context, placeOf }: Placed): string[] => {
  if (context.glidein === undefined) return [];
  const { file, line } = placeOf(['glidein']);
  const instead = context.pilots === undefined ? '' : '; its pilots are run instead';
  return [
    `${file}:${line}: glidein: no kind of pilot of this version runs a glidein from ${context.glidein.webbase}${instead}`,
  ];
};

/** What an operator should know of a context that is valid, beside its steps. */
export const noticesOf = (parsed: Placed): string[] => [
  ...noticesOfMetadata(parsed),
  ...noticesOfGlidein(parsed),
];

/**
 * A VM that is told of a glidein and of no pilots would be billed for doing nothing.
 * @throws context-invalid
 */
export const needPilots = ({ context, placeOf }: Placed): void => {
  if (context.glidein === undefined || context.pilots !== undefined) return;
  throw refusal({
    code: 'not-available',
    ...placeOf(['glidein']),
    message: 'the pilot kind glideinwms is not available in this version',
    remedy: 'add pilots of the kind command, in a file beside it',
  });
};
