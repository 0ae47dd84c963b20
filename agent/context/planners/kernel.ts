import type { Context } from '../schema.ts';
import type { PlannedSetting, Step } from '../step.ts';

/**
 * What unprivileged containers need, on the distributions that hold it back: user namespaces at all (EL 7
 * had none), for users (older Debian), and past AppArmor (Ubuntu from 23.10 on). A kernel that lacks one
 * of the settings lacks the hindrance too.
 */
const FOR_CONTAINERS: readonly PlannedSetting[] = [
  { key: 'user.max_user_namespaces', value: '65536', isOptional: true },
  { key: 'kernel.unprivileged_userns_clone', value: '1', isOptional: true },
  { key: 'kernel.apparmor_restrict_unprivileged_userns', value: '0', isOptional: true },
];

const HEAD = '# Written by pilotage-agent from the context.\n';

/** A dash before a name makes it no failure that the kernel lacks it: sysctl.d(5). */
const lineOf = ({ key, value, isOptional }: PlannedSetting): string =>
  `${isOptional ? '-' : ''}${key} = ${value}\n`;

/** The kernel's settings, now and at every boot. A setting that the context names outranks ours. */
export const planKernel = ({ kernel }: Context): Step[] => {
  const named = Object.entries(kernel.sysctl).map(([key, value]) => ({
    key,
    value,
    isOptional: false,
  }));
  const forContainers = kernel.unprivilegedContainers ? FOR_CONTAINERS : [];
  const settings = [
    ...forContainers.filter(({ key }) => !Object.hasOwn(kernel.sysctl, key)),
    ...named,
  ];
  if (settings.length === 0 && !kernel.unprivilegedContainers) return [];
  const modules = kernel.unprivilegedContainers ? ['fuse'] : [];
  const what = [
    ...(kernel.unprivilegedContainers ? ['let users run containers'] : []),
    ...named.map(({ key, value }) => `set ${key} to ${value}`),
  ];
  return [
    {
      kind: 'kernel',
      id: 'kernel',
      what: what.join(', '),
      lasts: 'instance',
      settings,
      modules,
      files: [
        {
          path: '/etc/sysctl.d/90-pilotage.conf',
          content: `${HEAD}${settings.map(lineOf).join('')}`,
          mode: 0o644,
        },
        ...(modules.length === 0
          ? []
          : [
              {
                path: '/etc/modules-load.d/pilotage.conf',
                content: `${HEAD}${modules.join('\n')}\n`,
                mode: 0o644,
              },
            ]),
      ],
    },
  ];
};
