import { refusal } from '../problem.ts';
import type { Format, Piece } from './piece.ts';
import { lineAt } from './text.ts';

/** Where a piece of text stands, by its first match. */
const placeOf = (piece: Piece, pattern: RegExp): { file: string; line: number } => ({
  file: piece.name,
  line: lineAt(piece, Math.max(0, piece.bytes.toString('latin1').search(pattern))),
});

const MACRO = /##user_data_[A-Za-z0-9_]*#*/;

/** A template of Vac or Vcycle whose `##user_data_…##` nobody has filled in. */
export const vacTemplate: Format = {
  name: 'vac-template',
  recognises: latin1 => MACRO.test(latin1),
  read: piece => {
    const [macro = ''] = MACRO.exec(piece.bytes.toString('latin1')) ?? [];
    throw refusal({
      code: 'macro-left',
      ...placeOf(piece, MACRO),
      key: macro,
      message: 'a macro of Vac or Vcycle that was not filled in',
      remedy: `let the VM's manager replace ${macro}, or write the value in its place`,
    });
  },
};

const SECTION = /^\[(?:amiconfig|cernvm|ucernvm-begin)\]/m;

/** CernVM's contextualization: an optional script, then sections as in an INI file. */
export const amiconfig: Format = {
  name: 'amiconfig',
  recognises: (latin1, { mediaType }) =>
    mediaType === 'text/amiconfig-user-data' || SECTION.test(latin1),
  read: piece => {
    throw refusal({
      code: 'amiconfig',
      ...placeOf(piece, SECTION),
      key: SECTION.exec(piece.bytes.toString('latin1'))?.[0] ?? '',
      message: 'user-data of CernVM (amiconfig), which is not run',
      remedy: 'write it as a context; cloud-init/README.md has the recipe, key by key',
    });
  },
};

const CLOUD_INIT_TYPES = [
  'text/cloud-boothook',
  'text/cloud-config-archive',
  'text/jinja2',
  'text/part-handler',
  'text/upstart-job',
  'text/x-include-once-url',
  'text/x-include-url',
];
const CLOUD_INIT_MARK =
  /^(?:#cloud-config-archive|#cloud-boothook|#include|#part-handler|#upstart-job|## template:\s*jinja)/;

/** What cloud-init alone can resolve. Beside a context it is cloud-init's business, and passed over. */
export const cloudInitOnly: Format = {
  name: 'cloud-init-only',
  recognises: (latin1, { mediaType }) =>
    CLOUD_INIT_TYPES.includes(mediaType ?? '') || CLOUD_INIT_MARK.test(latin1),
  read: piece => {
    // What it would write is not known before cloud-init has run, so it cannot be passed over.
    const mayWriteContext = piece.bytes.includes('/pilotage/');
    if (piece.isPart && !mayWriteContext) return [];
    throw refusal({
      code: 'cloud-init-only',
      file: piece.name,
      line: 1 + piece.lineOffset,
      message: 'a form that cloud-init alone can resolve',
      remedy: 'write the context as #cloud-config with write_files, or as YAML',
    });
  },
};

/** A program is cloud-init's business too, and never run by the agent. */
export const script: Format = {
  name: 'script',
  recognises: (latin1, { mediaType }) =>
    mediaType === 'text/x-shellscript' || latin1.startsWith('#!'),
  read: piece => {
    if (piece.isPart) return [];
    throw refusal({
      code: 'script',
      file: piece.name,
      line: 1 + piece.lineOffset,
      message: 'a script, where a context was expected; it is not run',
      remedy: 'write the context as YAML: begin with version: 1',
    });
  },
};
