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

const noticesOfGlidein = ({ context: { glidein, pilots }, placeOf }: Placed): string[] => {
  if (glidein === undefined || pilots === undefined || pilots.kind === 'glideinwms') return [];
  const { file, line } = placeOf(['glidein']);
  const instead = `pilots of the kind ${pilots.kind} are run instead`;
  return [`${file}:${line}: glidein: no glidein from ${glidein.webbase} is run; ${instead}`];
};

/** What an operator should know of a context that is valid, beside its steps. */
export const noticesOf = (parsed: Placed): string[] => [
  ...noticesOfMetadata(parsed),
  ...noticesOfGlidein(parsed),
];

/**
 * A VM that is told of a glidein and of no pilots would be billed for doing nothing; one whose pilots are
 * glideins from nowhere, too.
 * @throws context-invalid
 */
export const needPilots = ({ context: { glidein, pilots }, placeOf }: Placed): void => {
  if (glidein !== undefined && pilots === undefined)
    throw refusal({
      code: 'missing-key',
      ...placeOf(['glidein']),
      key: 'pilots',
      message: 'missing: nothing would run the glidein',
      remedy: 'add pilots: {kind: glideinwms}',
    });
  if (pilots?.kind === 'glideinwms' && (pilots.webbase ?? glidein?.webbase) === undefined)
    throw refusal({
      code: 'missing-key',
      ...placeOf(['pilots', 'kind']),
      key: 'pilots.webbase',
      message: 'missing: there is no glidein either that would tell it',
      remedy: "add pilots.webbase: the address of the factory's stage area",
    });
};
