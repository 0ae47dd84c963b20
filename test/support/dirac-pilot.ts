import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

/**
 * A program that behaves as DIRAC's Pilot 3 and its JobAgent document: the arguments, pilot.json, what is
 * printed, the stop file, the exit codes. It does what `Play` in its pilot.json says; a job begins when
 * `$HOME/job-1`, `job-2`, … appears, and ends when that file has gone.
 */
const DIRAC_PILOT = `
import datetime, getopt, json, os, sys, time
import pilotTools

def now(form):
    return datetime.datetime.utcnow().strftime(form)

def log(command, text, level="INFO"):
    print("%s %s [%s] %s" % (now("%Y-%m-%dT%H:%M:%S.%fZ"), level, command, text), flush=True)

def agent(text, level="INFO", name="WorkloadManagement/JobAgent"):
    print("%s WorkloadManagement/JobAgent/%s %s: %s" % (now("%Y-%m-%dT%H:%M:%S,%fZ"), name, level, text), flush=True)

options, rest = getopt.getopt(sys.argv[1:], "N:n:Q:a:y:P:o:S:r:l:C:X:E:M:", [
    "Name=", "name=", "Queue=", "gridCEType=", "CEType=", "pilotProcessors=", "pilotUUID=", "wnVO=", "setup=",
    "release=", "project=", "configurationServer=", "commands=", "commandExtensions=", "requiredTag=", "tag=",
    "MaxCycles=", "option="])
told = json.load(open("pilot.json"))
home = os.environ["HOME"]
proxy = os.environ.get("X509_USER_PROXY")
json.dump({
    "options": options, "rest": rest, "json": told, "cwd": os.getcwd(), "files": sorted(os.listdir(".")),
    "stamp": os.environ.get("DIRAC_PILOT_STAMP"), "uuid": os.environ.get("PILOT_UUID"),
    "proxy": proxy and open(proxy).read(),
}, open(os.path.join(home, "seen.json.new"), "w"))
os.rename(os.path.join(home, "seen.json.new"), os.path.join(home, "seen.json"))
play = told.get("Play", "work")

for name in ["CheckWorkerNode", "InstallDIRAC", "ConfigureBasics", "LaunchAgent"]:
    log("Pilot", "Command %s instantiated from pilotCommands" % name)
    if play == name:
        log(name, "Could not do it [ERROR 3]", "ERROR")
        sys.exit(3)
log("LaunchAgent", "Starting JobAgent")
control = os.path.join(os.getcwd(), "control", "WorkloadManagement", "JobAgent")
os.makedirs(control, exist_ok=True)
stop = os.path.join(control, "stop_agent")
jobs = 0
empty = 0
while True:
    if os.path.isfile(stop):
        agent("Found StopAgent file for agent WorkloadManagement/JobAgent")
        os.unlink(stop)
        break
    agent("Starting cycle for module WorkloadManagement/JobAgent", "NOTICE")
    job = os.path.join(home, "job-%d" % (jobs + 1))
    if os.path.exists(job):
        jobs += 1
        agent("Received JobID=%d, JobType=User, Owner=ann, JobGroup=vo_user" % jobs)
        agent("Submitting JobWrapper Wrapper_%d to InProcessCE" % jobs)
        while os.path.exists(job):
            time.sleep(0.02)
        agent("Job being submitted (DIRAC JobID: %d; Task ID: 0)" % jobs)
        continue
    agent("Job request OK, but no match found : No match found", "NOTICE")
    empty += 1
    if play == "empty" and empty > 2:
        agent('JobAgent will stop with message "Nothing to do for more than 2 cycles", execution complete.')
        break
    time.sleep(0.05)
agent("Stopping agent module WorkloadManagement/JobAgent")
sys.exit(0)
`;

const FILES: Readonly<Record<string, string>> = {
  'dirac-pilot.py': DIRAC_PILOT,
  'pilotTools.py': '# of the pilot\n',
  'pilot.json': JSON.stringify({
    timestamp: '2026-01-01T00:00:00',
    ConfigurationServers: ['dips://published:9135/Configuration/Server'],
    Defaults: { Pilot: { Version: 'v9.0.1', CheckVersion: 'False' } },
  }),
};

/** A folder as DIRAC's PilotSyncAgent fills it: the files, an archive of the programs, and their hashes. */
export const publishDiracPilot = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  const programs = Object.keys(FILES).filter(name => name.endsWith('.py'));
  execFileSync('tar', ['-C', folder, '-cf', join(folder, 'pilot.tar'), ...programs]);
  publishHashes(folder);
};

/** The list beside them, of what lies there now. */
export const publishHashes = (folder: string): void => {
  const lines = [...Object.keys(FILES), 'pilot.tar'].map(name => {
    const hash = createHash('sha512')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
    return `${hash}  ${name}\n`;
  });
  writeFileSync(join(folder, 'checksums.sha512'), lines.join(''));
};

/** What a web server does for `/<name>/…`, each name a folder. */
export const serveFolders =
  (folders: Readonly<Record<string, string>>): RequestListener =>
  (request, response) => {
    const [, location = '', name = ''] = (request.url ?? '').split('/');
    const folder = folders[location];
    try {
      if (folder === undefined) throw new Error('no such folder');
      response.end(readFileSync(join(folder, name)));
    } catch {
      response.writeHead(404).end();
    }
  };
