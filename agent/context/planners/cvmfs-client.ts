import type { Facts } from '../facts.ts';
import type { Cvmfs } from '../schema/cvmfs.ts';
import type { Context } from '../schema.ts';
import type { PlannedFile, PlannedInstallation, Step } from '../step.ts';
import { proxyEnvironment } from './proxies.ts';
import { HEAD, linesOf } from './quoted.ts';

type Manager = PlannedInstallation['manager'];
type Packages = Cvmfs['packages'];

/** Release packages of CernVM-FS, as its documentation names them. */
const RELEASES = {
  rpm: 'https://cvmrepo.s3.cern.ch/cvmrepo/yum/cvmfs-release-latest.noarch.rpm',
  deb: 'https://cvmrepo.s3.cern.ch/cvmrepo/apt/cvmfs-release-latest_all.deb',
};
const DEB_KEY = '/etc/apt/keyrings/pilotage-cvmfs.asc';
const RPM_KEY = '/etc/pki/rpm-gpg/RPM-GPG-KEY-pilotage-cvmfs';

const releaseOf = (manager: Manager, { release, repository }: Packages): string | undefined => {
  if (release === 'none' || repository !== undefined) return undefined;
  return release ?? (manager === 'apt-get' ? RELEASES.deb : RELEASES.rpm);
};

/** sources.list(5) in deb822 style; dnf.conf(5) for the others. */
const repositoryFiles = (manager: Manager, { repository }: Packages): PlannedFile[] => {
  if (repository === undefined) return [];
  const { url, key, suite, component } = repository;
  const keyFile = (path: string): PlannedFile => ({
    path,
    content: key.endsWith('\n') ? key : `${key}\n`,
    mode: 0o644,
  });
  if (manager === 'apt-get')
    return [
      keyFile(DEB_KEY),
      {
        path: '/etc/apt/sources.list.d/pilotage-cvmfs.sources',
        content: linesOf([
          HEAD,
          'Types: deb',
          `URIs: ${url}`,
          `Suites: ${suite}`,
          `Components: ${component}`,
          `Signed-By: ${DEB_KEY}`,
        ]),
        mode: 0o644,
      },
    ];
  return [
    keyFile(RPM_KEY),
    {
      path: '/etc/yum.repos.d/pilotage-cvmfs.repo',
      content: linesOf([
        HEAD,
        '[pilotage-cvmfs]',
        'name=CVMFS, as the context has it',
        `baseurl=${url}`,
        'enabled=1',
        'gpgcheck=1',
        `gpgkey=file://${RPM_KEY}`,
      ]),
      mode: 0o644,
    },
  ];
};

const planInstallation = (
  context: Context,
  cvmfs: Cvmfs,
  manager: Manager,
): PlannedInstallation => {
  const release = releaseOf(manager, cvmfs.packages);
  return {
    ...(manager === undefined ? {} : { manager }),
    names: cvmfs.packages.names,
    ...(release === undefined ? {} : { release }),
    files: repositoryFiles(manager, cvmfs.packages),
    environment: proxyEnvironment(context),
    limitMs: cvmfs.packages.limit,
  };
};

/** The client itself: that of the image, or installed where the context allows it. */
export const planCvmfsClient = (context: Context, cvmfs: Cvmfs, layout: Facts['layout']): Step => {
  const step = { kind: 'cvmfs-client' as const, id: 'cvmfs-client', lasts: 'instance' as const };
  const isThere = layout?.software?.hasCvmfs ?? false;
  const manager = layout?.software?.packageManager;
  const found = isThere ? 'use the CVMFS client that is installed' : undefined;
  if (!cvmfs.install)
    return {
      ...step,
      what: found ?? 'look for the CVMFS client',
      notices: isThere
        ? []
        : ['this machine has no CVMFS client, and cvmfs.install does not allow to install it'],
    };
  const installation = planInstallation(context, cvmfs, manager);
  const from =
    installation.release ?? cvmfs.packages.repository?.url ?? "the machine's own sources";
  return {
    ...step,
    what:
      found ??
      `install the CVMFS client (${installation.names.join(', ')}) from ${from} with ${manager ?? 'a package manager'}`,
    notices:
      isThere || manager !== undefined
        ? []
        : [
            'this machine has neither dnf, yum nor apt-get, so the CVMFS client cannot be installed',
          ],
    installation,
  };
};
