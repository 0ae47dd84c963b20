import { hostname, userInfo } from 'node:os';

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A user of a container may stand in no /etc/passwd.
    return `uid ${process.getuid?.()}`;
  }
};

/** Who gives a command, `user@host`, as far as this machine can tell. */
export const whoAsks = (): string => `${userName()}@${hostname()}`;
