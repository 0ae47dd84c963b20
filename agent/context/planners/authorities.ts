import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';
import { repositoriesOf } from './cvmfs.ts';

type Authorities = NonNullable<Context['authorities']>;

const beside = (path: string, name: string): string =>
  `${path.slice(0, path.lastIndexOf('/'))}/${name}`;

/** Where programs of the grid look, the variable that leads them there, and where it lies in CVMFS. */
const placesOf = ({ path, voms }: Authorities) => [
  { link: '/etc/grid-security/certificates', variable: 'X509_CERT_DIR', target: path },
  ...(voms
    ? [
        {
          link: '/etc/grid-security/vomsdir',
          variable: 'X509_VOMS_DIR',
          target: beside(path, 'vomsdir'),
        },
        { link: '/etc/vomses', variable: 'X509_VOMSES', target: beside(path, 'vomses') },
      ]
    : []),
];

/** Into CVMFS itself: in a payload's container there is /cvmfs, but none of our links. */
export const authorityEnvironment = ({
  authorities,
}: Pick<Context, 'authorities'>): Record<string, string> =>
  authorities === undefined
    ? {}
    : Object.fromEntries(placesOf(authorities).map(({ variable, target }) => [variable, target]));

const repositoryNotices = ({ path }: Authorities, { cvmfs }: Context): string[] => {
  const repository = path.split('/')[2] ?? '';
  if (cvmfs !== undefined && repositoriesOf(cvmfs).includes(repository)) return [];
  return [
    `${repository} is not among cvmfs.repositories, so neither a check nor the client's own programs look after it`,
  ];
};

/** Links to the authorities in CVMFS. */
export const planAuthorities = (context: Context, { layout }: Pick<Facts, 'layout'>): Step[] => {
  const { authorities } = context;
  if (authorities === undefined) return [];
  const links = placesOf(authorities).map(({ link, target }) => ({ path: link, target }));
  const occupied = layout?.software?.occupied ?? [];
  return [
    {
      kind: 'authorities',
      id: 'authorities',
      what: `trust the authorities in ${authorities.path}`,
      lasts: 'instance',
      notices: [
        ...repositoryNotices(authorities, context),
        ...links
          .filter(({ path }) => occupied.some(taken => taken === path))
          .map(({ path }) => `${path} of the image holds something, so the step will fail`),
      ],
      links,
    },
  ];
};
