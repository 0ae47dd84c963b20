// Runs before the packages are installed: says plainly what this machine lacks, in words that even
// an old Node can print. Everything else runs on the Node 24 that the lock file brings along.
const [major] = process.versions.node.split('.').map(Number);
const problems = [];
if (major < 20) problems.push(`Node 20 or newer is needed to install, this is ${process.version}.`);
if (process.platform !== 'linux')
  problems.push(`Pilotage builds and runs on Linux, this is ${process.platform}.`);
if (!['x64', 'arm64'].includes(process.arch))
  problems.push(`Pilotage knows x64 and arm64, this is ${process.arch}.`);
for (const problem of problems) process.stderr.write(`pilotage: ${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
