import * as v from 'valibot';
import { Duration, text } from './words.ts';

/** What the machine is called, what time it is there, and what its kernel lets be done. */

/** RFC 1123, and at most the 64 characters that Linux keeps. */
export const Hostname = text(
  /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
  'a host name such as node7.example.org, of at most 64 characters',
);

const TimeServer = text(
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$/,
  'the name or address of a time server',
);

export const Time = v.strictObject({
  /** NTP servers, in addition to those of the image where its service is chrony. */
  servers: v.optional(
    v.pipe(v.array(TimeServer, 'a list of time servers'), v.maxLength(20, 'at most 20')),
    [],
  ),
  /** As the folder of time zones names it. */
  zone: v.optional(
    text(/^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+){0,3}$/, 'a time zone such as Europe/Zurich'),
  ),
  /** How long the clock is waited for once servers are set; going on without is told in the log. */
  wait: v.optional(Duration, '30s'),
});

/** Dotted, as sysctl(8) prints it. The host name has a key of its own. */
const SettingName = text(
  /^(?!kernel\.hostname$)[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_-]+)+$/,
  "the dotted name of one of the kernel's settings, such as vm.swappiness (the host name is set by hostname)",
);
/** No line's end, and none of the marks by which a setting would name a program. */
const SettingText = text(
  /^[A-Za-z0-9.,:_%/+-]+(?: [A-Za-z0-9.,:_%/+-]+)*$/,
  'a number or a short text without quotes',
);
const SettingNumber = v.pipe(
  v.number('a number or a short text without quotes'),
  v.integer('a whole number'),
  v.minValue(-2_147_483_648, 'not below -2147483648'),
  v.maxValue(Number.MAX_SAFE_INTEGER, `at most ${Number.MAX_SAFE_INTEGER}`),
  v.transform(String),
);

export const Kernel = v.strictObject({
  /** Lets users without privileges run containers, as Apptainer does: user namespaces and FUSE. */
  unprivilegedContainers: v.optional(v.boolean('true or false'), false),
  /** Settings by their dotted names; each must exist on the machine. */
  sysctl: v.optional(
    v.pipe(
      v.record(
        SettingName,
        v.union([SettingNumber, SettingText], 'a number or a short text without quotes'),
        'settings by their names',
      ),
      v.maxEntries(100, 'at most 100'),
    ),
    {},
  ),
});
