# What the hooks for each cloud share. Sourced by them; POSIX sh.
#
# A hook is started with one argument, `delete`, `protect` or `unprotect`, and the facts of a VM in PILOTAGE_…
# variables. It may be asked the same again at any time. Its last line of output is shown to operators, and its exit
# code says how it went; any other than these means the same as 75:
#   0 the cloud says that it is gone (or is spared, or is no longer)   75 not now, ask again later
#   10 the cloud has taken it on, ask again whether it is gone         78 this can never work
#   11 the cloud knows no such VM
# Facts hold nothing that could be an option, a pattern or a path that leads elsewhere.

set -u
unset CDPATH

finish() {
  code=$1
  shift
  printf '%s\n' "$*"
  exit "$code"
}
is_gone() { finish 0 "$@"; }
is_done() { finish 0 "$@"; }
was_asked() { finish 10 "$@"; }
not_found() { finish 11 "$@"; }
ask_later() { finish 75 "$@"; }
give_up() { finish 78 "$@"; }

# need NAME…: gives up unless the VM has told all of these.
need() {
  for needed in "$@"; do
    eval "value=\${PILOTAGE_$needed:-}"
    [ -n "$value" ] || give_up "the VM has not told PILOTAGE_$needed"
  done
}

complaints=$(mktemp) || ask_later 'no temporary file can be made'
trap 'rm -f "$complaints"' EXIT

# tool COMMAND…: what it prints is in $said, what it complains of in $complaint.
tool() {
  said=$("$@" 2>"$complaints")
  status=$?
  complaint=$(head -c 3000 "$complaints")
  return "$status"
}
complains_of() {
  case $complaint in
    *"$1"*) return 0 ;;
    *) return 1 ;;
  esac
}
# The complaint on one line, for whoever reads the list.
why() { printf '%s' "$complaint" | tr -s '\n\t ' '   ' | head -c 300 | sed 's:^ ::; s: $::'; }

[ $# -eq 1 ] || give_up "usage: $0 delete|protect|unprotect"
