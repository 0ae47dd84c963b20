import { describe, expect, test } from 'vitest';
import { undoOthers } from '../../../../../agent/context/apply.ts';
import { readLayout } from '../../../../../agent/context/layout.ts';
import {
  authorityEnvironment,
  planAuthorities,
} from '../../../../../agent/context/planners/authorities.ts';
import type { Files } from '../../../../../platform/files.ts';
import { createFolderMachine } from '../../../../support/folder-machine.ts';
import { contextOf, createStepPorts, filesOf, outcomesOf } from '../../../../support/step-ports.ts';

const IDS = { instanceId: 'i-1', bootId: 'b-1' };
const GRID = '/cvmfs/grid.cern.ch/etc/grid-security';
const CERTIFICATES = '/etc/grid-security/certificates';
const LINKS = {
  [CERTIFICATES]: `${GRID}/certificates`,
  '/etc/grid-security/vomsdir': `${GRID}/vomsdir`,
  '/etc/vomses': `${GRID}/vomses`,
};

const contextWith = (authorities: object = {}, more: object = {}) =>
  contextOf({ authorities: { from: 'cvmfs', ...authorities }, ...more });
const plan = async (files: Files, authorities: object = {}, more: object = {}) =>
  planAuthorities(contextWith(authorities, more), { layout: await readLayout(files) });
const outcome = async (files: Files, authorities: object = {}) =>
  outcomesOf(await plan(files, authorities), createStepPorts(files));

describe('authorities from CVMFS', () => {
  test('are links, done once, and taken back', async () => {
    const { files } = createFolderMachine();
    expect(await outcome(files)).toEqual({ authorities: 'done' });
    expect(await filesOf(files)).toEqual(LINKS);
    expect(await outcome(files)).toEqual({ authorities: 'spared' });
    await undoOthers([], IDS, createStepPorts(files));
    expect(await filesOf(files)).toEqual({});
  });

  test('take the place of another link and of an empty folder, and give it back', async () => {
    const { files } = createFolderMachine();
    await files.makeDirectory(CERTIFICATES, { mode: 0o755 });
    await files.makeLink('/etc/vomses', '/opt/vomses');
    await outcome(files, { path: '/cvmfs/other.example.org/ca' });
    await outcome(files);
    expect(await filesOf(files)).toEqual(LINKS);
    await undoOthers([], IDS, createStepPorts(files));
    expect(await filesOf(files)).toEqual({ '/etc/vomses': '/opt/vomses' });
    expect(await files.facts(CERTIFICATES)).toMatchObject({ kind: 'directory' });
  });

  test('hide nothing of the image: that is told beforehand, and fails with a remedy', async () => {
    const { files } = createFolderMachine();
    await files.makeDirectory(CERTIFICATES, { mode: 0o755 });
    await files.write(`${CERTIFICATES}/ca.pem`, 'x', { mode: 0o644 });
    const [step] = await plan(files);
    expect(step?.notices).toContain(
      `${CERTIFICATES} of the image holds something, so the step will fail`,
    );
    await expect(outcome(files)).rejects.toThrow(/which a link to CVMFS would hide; remedy:/);
    expect(await files.list(CERTIFICATES)).toEqual(['ca.pem']);
  });

  test('come without VOMS where told, also later', async () => {
    const { files } = createFolderMachine();
    await outcome(files);
    await outcome(files, { voms: false });
    expect(await filesOf(files)).toEqual({ [CERTIFICATES]: `${GRID}/certificates` });
  });

  test('are made again where somebody removed them', async () => {
    const { files } = createFolderMachine();
    await outcome(files);
    await files.remove('/etc/vomses');
    expect(await outcome(files)).toEqual({ authorities: 'done' });
    expect(await filesOf(files)).toEqual(LINKS);
  });

  test.each([
    [undefined, 1],
    [['atlas.cern.ch'], 1],
    [['grid.cern.ch'], 0],
  ])('with the repositories %j have %i notices', async (repositories, count) => {
    const { files } = createFolderMachine();
    const cvmfs = repositories === undefined ? {} : { cvmfs: { repositories, proxies: 'DIRECT' } };
    const [step] = await plan(files, {}, cvmfs);
    expect(step?.notices).toHaveLength(count);
  });

  test('are told to pilots by paths that hold in a container too', () => {
    expect(authorityEnvironment(contextWith())).toEqual({
      X509_CERT_DIR: `${GRID}/certificates`,
      X509_VOMS_DIR: `${GRID}/vomsdir`,
      X509_VOMSES: `${GRID}/vomses`,
    });
    expect(authorityEnvironment(contextOf({}))).toEqual({});
  });

  test.each([
    '/etc/x',
    '/cvmfs/grid.cern.ch',
    '/cvmfs/grid.cern.ch/../x',
    '/cvmfs/a b.c/x',
    "/cvmfs/a.b/'",
    '/cvmfs/a.b//x',
    '/cvmfs/nodomain/x',
  ])('are never in %j', path => {
    expect(() => contextWith({ path })).toThrow('a path such as /cvmfs/');
  });
});
