import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { arrangeContext } from '../../agent/context/user-data/arrange.ts';
import { CLOUDS } from '../../agent/context/user-data/clouds.ts';
import {
  type Given,
  readGivenContext,
  readGivenPart,
} from '../../agent/context/user-data/given-file.ts';
import { handedOver } from '../../agent/context/user-data/hand-over.ts';
import { renderUserData } from '../../agent/context/user-data/render.ts';
import type { CloudName, Encoding, Form } from '../../agent/context/user-data/words.ts';
import { userDataInVm } from '../support/user-data-of-cloud.ts';

const SAMPLES = resolve(import.meta.dirname, '../../cloud-init/samples');

export interface Sample {
  name: string;
  path: string;
  given: Given;
}

export const SAMPLE_FILES: readonly Sample[] = readdirSync(SAMPLES).map(name => {
  const path = join(SAMPLES, name);
  return { name, path, given: readGivenContext(name, readFileSync(path)) };
});

/** User-data on its way to a VM, and what should arrive there. */
export interface Case {
  name: string;
  /** What the VM's cloud-init is given; of OpenNebula the template's section. */
  bytes: Buffer;
  openNebula: boolean;
  /** The files of the context, byte by byte. */
  expected: Readonly<Record<string, string>>;
  /** Files of other purposes, and scripts, that should arrive too. */
  others: number;
  scripts: number;
}

const caseOf = (
  name: string,
  cloud: CloudName,
  form: Form,
  encoding: Encoding,
  given: readonly Given[],
): Case => {
  const { packed } = renderUserData({ cloud, form, encoding, given });
  const bytes = handedOver(cloud, packed);
  const openNebula = cloud === 'opennebula';
  return {
    name: `${name} for ${cloud} as ${form}, ${encoding}`,
    bytes: openNebula ? bytes : userDataInVm(cloud, bytes, encoding),
    openNebula,
    expected: Object.fromEntries(
      arrangeContext(given.flatMap(({ texts }) => texts)).map(({ name, text }) => [name, text]),
    ),
    others: given.reduce(
      (sum, { cloudConfig = '' }) =>
        sum + (cloudConfig.match(/^ {2}- path: \/(?!etc\/pilotage\/)/gm) ?? []).length,
      0,
    ),
    scripts: given.filter(({ part }) => part !== undefined).length,
  };
};

/** Texts in which the YAML of cloud-init and ours, a mail message or an editor might differ. */
const HOSTILE: readonly [string, string][] = [
  ['other scripts and signs', 'é, 日本, 🦑, \u00a0, \u2013'],
  ['line breaks of YAML 1.1', 'a\\u0085b\\u2028c\u2028d\u0085e'],
  ['a carriage return', 'a\r\n    b'],
  ['a tab, and blanks at an end', 'a\t b  '],
  ['what looks like a mail', 'MIME-Version: 1.0'],
  ['what a shell or Jinja would act on', '$(touch /tmp/x) `x` {{ v1 }} %Y ####'],
  ['a very long line', 'a'.repeat(5000)],
];
const hostile = (value: string, index: number): Given =>
  readGivenContext(
    `hostile-${index}.yaml`,
    Buffer.from(`  version: 1\n  x-own: "${value}"\n  identity: {site: A} # ${index}\n\n\n`),
  );

const SCRIPT = readGivenPart('hello.sh', Buffer.from('#!/bin/sh\necho "hello é"\n'));
const PACKAGES = readGivenPart(
  'packages.yaml',
  Buffer.from(
    '#cloud-config\npackages: [curl]\nwrite_files:\n  - path: /tmp/other\n    content: x\n',
  ),
);

export const CASES: readonly Case[] = [
  ...SAMPLE_FILES.flatMap(({ name, given }) =>
    // Once a cloud's API has undone its base64, these two tell of all of them.
    (['nocloud', 'opennebula'] as const).flatMap(cloud =>
      (['cloud-config', 'mime'] as const).flatMap(form =>
        CLOUDS[cloud].encodings.map(encoding => caseOf(name, cloud, form, encoding, [given])),
      ),
    ),
  ),
  ...HOSTILE.flatMap(([name, value], index) =>
    (['cloud-config', 'mime'] as const).map(form =>
      caseOf(name, 'nocloud', form, 'none', [hostile(value, index)]),
    ),
  ),
  ...SAMPLE_FILES.map(({ name, given }) =>
    caseOf(`${name} with a script and another cloud-config`, 'ec2', 'mime', 'gzip', [
      given,
      SCRIPT,
      PACKAGES,
    ]),
  ),
];
