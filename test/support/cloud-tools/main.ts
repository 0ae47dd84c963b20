import { readFileSync, writeFileSync } from 'node:fs';
import { aws } from './aws.ts';
import { az, gcloud, onevm, openstack } from './others.ts';
import { parseCall, type Reply, type Tool, type World } from './world.ts';

/**
 * A stand-in of a cloud's command line: `main.ts WORLD TOOL ARGUMENTS…`. It records each call, refuses what the real
 * tool would not understand, and does to the world what the real one does to a cloud.
 */
const TOOLS: Readonly<Record<string, Tool>> = { aws, az, gcloud, onevm, openstack };

const [, , file = '', name = '', ...args] = process.argv;
const tool = TOOLS[name];
if (tool === undefined) throw new Error(`no stand-in for ${name}`);
const world = JSON.parse(readFileSync(file, 'utf8')) as World;
world.calls.push([name, ...args]);

const answer = (): Reply => {
  try {
    const { command, given } = parseCall(tool, args);
    const at = world.faults.findIndex(({ words }) => [name, ...args].join(' ').startsWith(words));
    const [fault] = at < 0 ? [] : world.faults.splice(at, 1);
    return fault ?? command.run(world, given);
  } catch (error) {
    return { stderr: `usage: ${String(error)}\n`, exitCode: tool.usageExit };
  }
};

const { stdout = '', stderr = '', exitCode = 0 } = answer();
writeFileSync(file, JSON.stringify(world));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
