import { createExec, type Exec, SYSTEM_ENV } from '../platform/exec.ts';

const MINUTES = 60_000;

/** For programs that install packages: no questions, and the proxies of this machine. */
export const aptEnvironment = (): Record<string, string> => {
  const env: Record<string, string> = { ...SYSTEM_ENV, DEBIAN_FRONTEND: 'noninteractive' };
  for (const [key, value] of Object.entries(process.env))
    if (/^(?:https?|no)_proxy$/i.test(key) && value !== undefined) env[key] = value;
  return env;
};

const isInstalled = async (exec: Exec, name: string): Promise<boolean> => {
  const { exitCode, stdout } = await exec.run(
    'dpkg-query',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is dpkg's own placeholder
    ['-W', '-f', '${db:Status-Status}', name],
    {
      timeoutMs: MINUTES,
      allowedExitCodes: [0, 1],
    },
  );
  return exitCode === 0 && stdout === 'installed';
};

const selectMissing = async (exec: Exec, names: readonly string[]): Promise<string[]> => {
  const missing: string[] = [];
  for (const name of names) if (!(await isInstalled(exec, name))) missing.push(name);
  return missing;
};

/**
 * Sees to it that Debian packages are installed: by itself where it may, that is as root, otherwise
 * by an error that holds the line to type. Also fails where there is no dpkg at all.
 */
export const needPackages = async (names: readonly string[]): Promise<void> => {
  const exec = createExec();
  const missing = await selectMissing(exec, names);
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0)
    throw new Error(`Debian packages are missing. As root, run: ${line}`);
  console.log(`installing ${missing.join(' ')}`);
  const apt = async (...args: string[]): Promise<void> => {
    // Another program may be installing at this moment: wait for its lock.
    await exec.run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', ...args], {
      timeoutMs: 20 * MINUTES,
      env: aptEnvironment(),
    });
  };
  await apt('update');
  await apt('install', '-y', '--no-install-recommends', ...missing);
};
