import type { RequestListener } from 'node:http';

/**
 * A program that behaves as glidein_startup.sh, condor_startup.sh and condor document: the options, what
 * is read in its folder and its environment, what is printed, the traps, the exit codes. It does what
 * `-param_PLAY` says, or with `asked` what comes to be in `$HOME/play`; a job begins when `$HOME/job-1`, `job-2`, … appears, and ends when that file has gone.
 */
export const GLIDEIN = `#!/bin/bash
start_dir=$(pwd)
mkdir -p "$HOME/seen"
printf '%s\\n' "$@" >"$HOME/seen/args"
while [ $# -gt 0 ]; do
  case "$1" in
    -dir) dir=$2 ;;
    -param_PLAY) play=$2 ;;
    -web|-factory|-name|-entry|-clientname|-clientgroup|-proxy|-sign|-signtype|-signentry|-cluster|-subcluster) ;;
    -submitcredid|-schedd|-descript|-descriptentry|-clientweb|-clientwebgroup|-clientsign|-slotslayout|-v|-param_*) ;;
    *) echo "WARN Unknown option $1" >&2; echo 'Usage: glidein_startup.sh <options>' >&2; exit 1 ;;
  esac
  shift 2
done
tokens=(credential_*.idtoken)
{
  echo "tokens \${#tokens[@]} $(cat "\${tokens[0]}" 2>/dev/null)"
  echo "token-mode $(stat -L -c %a "\${tokens[0]}" 2>/dev/null)"
  echo "proxy $(cat "$X509_USER_PROXY" 2>/dev/null)"
  echo "proxy-mode $(stat -L -c %a "$X509_USER_PROXY" 2>/dev/null)"
  echo "machine $(cd "$MACHINEFEATURES" && echo *)"
  echo "job $(cd "$JOBFEATURES" && echo *)"
} >"$HOME/seen/rest"

finish() {
  cd "$start_dir"
  rm -rf "$work"
  echo "=== Glidein ending with code $1 ==="
  echo
  echo '=== XML description of glidein activity ==='
  echo '<?xml version="1.0"?>'
  echo '<OSGTestResult id="glidein_startup.sh" version="4.3.1">'
  echo '  <result>'
  if [ "$1" -eq 0 ]; then
    echo '    <status>OK</status>'
    echo '    <metric name="CondorDuration" ts="2026-11-24T09:40:02+00:00" uri="local">12</metric>'
    echo '  </result>'
  else
    echo '    <status>ERROR</status>'
    echo "    <metric name=\\"TestID\\" ts=\\"2026-11-24T09:40:02+00:00\\" uri=\\"local\\">$2</metric>"
    echo "    <metric name=\\"failure\\" ts=\\"2026-11-24T09:40:02+00:00\\" uri=\\"local\\">$3</metric>"
    echo '  </result>'
    printf '  <detail>\\n     Validation failed in %s.\\n\\n    It went wrong: "&<\\n  </detail>\\n' "$2"
  fi
  echo '</OSGTestResult>'
  echo '=== End XML description of glidein activity ==='
  exit "$1"
}

if [ "$play" = asked ]; then
  until [ -e "$HOME/play" ]; do sleep 0.05; done
  play=$(cat "$HOME/play"); rm "$HOME/play"
fi
if [ "$play" = usage ]; then echo 'Usage: glidein_startup.sh <options>' >&2; exit 1; fi
[ "$dir" = . ] && dir=$(pwd)
work=$(mktemp -d "$dir/glide_XXXXXX") && cd "$work" && mkdir log || exit 1
case "$play" in
  fail:*) IFS=: read -r _ script failure <<<"$play"; sleep 0.1; finish 1 "$script" "$failure" ;;
esac

cat >condor_startup.sh <<'END'
#!/bin/bash
on_die() { kill -s "$1" "$master"; killed=1; }
trap 'on_die TERM' TERM
trap 'on_die QUIT' QUIT
./condor_master "$1" & master=$!
wait $master
ret=$?
[ $ret -eq 99 ] && ret=0
echo "Total number of activations/claims: $(grep -c 'Got activate_claim' log/StartdLog)"
[ -n "$killed" ] && ret=0
exit $ret
END
cat >condor_starter <<'END'
#!/bin/sh
trap 'echo saved >"$1.saved"; exit 0' TERM
[ "$2" = stubborn ] && trap '' TERM
while [ -e "$1" ]; do sleep 0.03; done
END
cat >condor_master <<'END'
#!/usr/bin/python3
import os, signal, subprocess, sys, time
play, home = sys.argv[1], os.environ["HOME"]
with open("condor_master2.pid", "w") as file:
    file.write("%d\\n" % os.getpid())
log = open("log/StartdLog", "a", buffering=1)
how = None
def stop(asked):
    def handler(*_):
        global how
        how = asked if how != "fast" else how
    return handler
signal.signal(signal.SIGTERM, stop("graceful"))
signal.signal(signal.SIGQUIT, stop("fast"))
time.sleep(0.3)
with open("log/.startd_address", "w") as file:
    file.write("<127.0.0.1:9618>\\n")
began, job, jobs, code, told = time.monotonic(), None, 0, 0, False
while True:
    draining = os.path.exists(os.environ["JOBFEATURES"] + "/shutdowntime_job") or os.path.exists(
        os.environ["MACHINEFEATURES"] + "/shutdowntime")
    if draining:
        open("exit_message", "w").close()
    elif os.path.exists("exit_message"):
        os.remove("exit_message")
    if job is not None and job.poll() is not None:
        print("slot1_1: State change: starter exited", file=log)
        job = None
    if job is not None and how == "fast":
        job.kill()
    elif job is not None and how == "graceful" and not told:
        job.send_signal(signal.SIGTERM)
        told = True
    if how is not None and job is None:
        break
    path = "%s/job-%d" % (home, jobs + 1)
    if how is None and job is None and not draining and os.path.exists(path):
        jobs += 1
        print("slot1_1: Got activate_claim request from shadow", file=log)
        job = subprocess.Popen(["../condor_starter", path, play], cwd="log")
    if play == "idle" and jobs == 0 and time.monotonic() - began > 0.5:
        code = 99
        break
    if play == "short" and jobs == 1 and job is None:
        code = 99
        break
    if play == "crash" and time.monotonic() - began > 0.3:
        code = 44
        break
    time.sleep(0.02)
os.remove("log/.startd_address")
sys.exit(code)
END
chmod 0700 condor_startup.sh condor_starter condor_master

ON_DIE=0
on_die() { echo "Received kill signal" >&2; ON_DIE=1; kill -s "$1" %1; }
trap 'on_die TERM' TERM
trap 'on_die QUIT' QUIT
./condor_startup.sh "$play" &
wait $!
ret=$?
[ $ON_DIE -eq 1 ] && ret=0
finish $ret condor_startup.sh Unknown
`;

/** What a factory's web server gives for glidein_startup.sh. */
export type Answer = 'script' | 'none' | 'page' | 'half' | 'changed' | 'nothing';

/** @param answer what it gives now */
export const serveGlidein =
  (answer: () => Answer): RequestListener =>
  (request, response) => {
    if (!request.url?.endsWith('/stage/glidein_startup.sh')) {
      response.writeHead(404).end();
      return;
    }
    const table: { readonly [A in Answer]: () => void } = {
      script: () => response.end(GLIDEIN),
      none: () => response.writeHead(404).end(),
      page: () => response.end('<!DOCTYPE html>\n<title>Log in</title>\n'),
      half: () => {
        response.writeHead(200, { 'content-length': String(GLIDEIN.length) });
        response.write(GLIDEIN.slice(0, 100));
        setImmediate(() => response.destroy());
      },
      changed: () => response.end(`${GLIDEIN}# And more.\n`),
      nothing: () => undefined,
    };
    table[answer()]();
  };
