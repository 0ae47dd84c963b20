import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { readUserData } from '../formats/read-user-data.ts';
import { needMergeable } from '../includes/target.ts';
import type { Json } from '../merge.ts';
import { needPilots, noticesOf } from '../notices.ts';
import { parseContext } from '../parse.ts';
import { refusal } from '../problem.ts';
import type { ContextText } from '../source-file.ts';
import { STAND_INS } from '../vm-facts.ts';
import { arrangeContext } from './arrange.ts';
import { parseBase, renderCloudConfig } from './cloud-config-form.ts';
import type { ContextFile } from './context-file.ts';
import type { Given } from './given-file.ts';
import { APPENDING, renderMime } from './mime-form.ts';
import { type Packed, packUserData } from './pack.ts';
import { placeholdersIn } from './placeholders.ts';
import type { CloudName, Encoding, Form } from './words.ts';

export interface UserDataOrder {
  cloud: CloudName;
  form: Form;
  /** Without it, the first that the cloud prefers and that fits. */
  encoding?: Encoding | undefined;
  /** In the order in which their contexts are merged. */
  given: readonly Given[];
}

export interface RenderedUserData {
  packed: Packed;
  /** Before it was packed. */
  text: string;
  /** What a person should know before a VM is started with it. */
  notices: readonly string[];
}

const refuseForm = (name: string, form: Form, remedy: string) =>
  refusal({
    code: 'cloud-init-only',
    file: name,
    message: `it does more than the form ${form} can carry`,
    remedy,
  });

const renderPlain = (given: readonly Given[], texts: readonly ContextText[], merged: Json) => {
  const more = given.find(({ cloudConfig, part }) => (cloudConfig ?? part) !== undefined);
  if (more !== undefined)
    throw refuseForm(more.name, 'plain', 'let cloud-init do it: --form cloud-config or mime');
  const [only, ...others] = texts;
  if (only !== undefined && others.length === 0) return only.text;
  needMergeable(texts);
  return stringify(merged, { lineWidth: 0 });
};

const renderAsCloudConfig = (given: readonly Given[], files: readonly ContextFile[]): string => {
  const [base, another] = given.filter(({ cloudConfig }) => cloudConfig !== undefined);
  const tooMuch = given.find(({ part }) => part !== undefined) ?? another;
  if (tooMuch !== undefined) throw refuseForm(tooMuch.name, 'cloud-config', 'add --form mime');
  return renderCloudConfig(
    files,
    base?.cloudConfig === undefined ? undefined : parseBase(base.cloudConfig),
  );
};

/** The context first, in one cloud-config; then what others do, in the order in which it was given. */
const renderAsMime = (given: readonly Given[], files: readonly ContextFile[]): string =>
  renderMime([
    { type: 'text/cloud-config', fileName: 'context.yaml', text: renderCloudConfig(files) },
    ...given.flatMap(({ cloudConfig, part }, index) => {
      if (part !== undefined) return [part];
      if (cloudConfig === undefined) return [];
      return [
        {
          type: 'text/cloud-config',
          fileName: `cloud-config-${index}.yaml`,
          text: renderCloudConfig([], parseBase(cloudConfig)),
          mergeType: APPENDING,
        },
      ];
    }),
  ]);

/**
 * Contexts → user-data for a cloud, or a refusal: of a context that is not valid, of one that no VM
 * would accept, of what does not fit. What is rendered is read back, as the VM will.
 * @throws context-invalid
 */
export const renderUserData = ({
  cloud,
  form,
  encoding,
  given,
}: UserDataOrder): RenderedUserData => {
  const texts = given.flatMap(({ texts }) => texts);
  const parsed = parseContext(texts, STAND_INS);
  needPilots(parsed);
  const files = arrangeContext(texts);
  const text = {
    plain: () => renderPlain(given, texts, parsed.written),
    'cloud-config': () => renderAsCloudConfig(given, files),
    mime: () => renderAsMime(given, files),
  }[form]();
  const again = parseContext(readUserData('the user-data', Buffer.from(text)), STAND_INS);
  if (!isDeepStrictEqual(again.written, parsed.written))
    throw new Error('the user-data would be read back as another context');
  return {
    packed: packUserData(text, cloud, form, encoding),
    text,
    notices: [
      ...given.flatMap(({ notices }) => notices),
      ...noticesOf(parsed),
      ...placeholdersIn(parsed.written).map(key => `${key}: still a placeholder of the sample`),
      ...(parsed.context.pilots === undefined ? ['it has no pilots: the VM will run none'] : []),
    ],
  };
};
