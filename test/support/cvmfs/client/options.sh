# Reads the client's parameters as its BashOptionsManager does (cvmfs/options.cc): every file is handed
# to a shell of its own, which is then asked for each parameter that a line of the file names. What a
# file sets is in the environment of the next.

root=${CVMFS_STAND_IN_ROOT:-}
newline='
'
keys=
protected=no

populate() {
  if [ "$1" = CVMFS_CONFIG_REPOSITORY ] && [ "$protected" = yes ] && [ "$2" != "${CVMFS_CONFIG_REPOSITORY:-}" ]; then
    echo "error in cvmfs configuration: attempt to change protected $1 to $2" >&2
    return 0
  fi
  eval "$1=\$2; source_of_$1=\$3"
  export "$1"
  case " $keys " in *" $1 "*) ;; *) keys="$keys $1" ;; esac
}

# What stands before the first = of a line, as far as it can be a parameter.
names_in() {
  sed -n -e 's/^[[:space:]]*//' -e '/^#/d' -e '/^if /d' -e 's/=.*//p' "$1" |
    sed -e 's/^readonly[[:space:]]*//' -e 's/^export[[:space:]]*//' -e 's/^eval[[:space:]]*//' |
    grep -x '[A-Za-z_][A-Za-z0-9_]*'
}

parse_path() {
  [ -f "$root$1" ] || return 0
  names=$(names_in "$root$1")
  values=$(
    cd "$(dirname "$root$1")" || exit
    { cat "$root$1"; echo; for name in $names; do echo "echo \$$name"; done; } | sh 2>/dev/null
  )
  for name in $names; do
    populate "$name" "${values%%"$newline"*}" "$1"
    case $values in *"$newline"*) values=${values#*"$newline"} ;; *) values= ;; esac
  done
}

# Where the configuration repository has its files; fails where there is none.
config_repository() {
  [ -n "${CVMFS_CONFIG_REPOSITORY:-}" ] && [ "$CVMFS_CONFIG_REPOSITORY" != "$fqrn" ] &&
    external=$CVMFS_MOUNT_DIR/$CVMFS_CONFIG_REPOSITORY/etc/cvmfs
}

# All files that concern a repository, or none, in their order.
parse_default() {
  fqrn=$1
  export CVMFS_FQRN="$fqrn"
  protected=no
  parse_path /etc/cvmfs/default.conf
  for file in "$root"/etc/cvmfs/default.d/*.conf; do parse_path "${file#"$root"}"; done
  protected=yes
  [ -n "$fqrn" ] && config_repository && parse_path "$external/default.conf"
  parse_path /etc/cvmfs/default.local
  [ -n "$fqrn" ] || return 0
  for place in "domain.d/${fqrn#*.}" "config.d/$fqrn"; do
    config_repository && parse_path "$external/$place.conf"
    parse_path "/etc/cvmfs/$place.conf"
    parse_path "/etc/cvmfs/$place.local"
  done
}

# One line a parameter, which a shell can evaluate.
dump() {
  for key in $(printf '%s\n' $keys | sort); do
    eval "value=\$$key; source=\$source_of_$key"
    case $value in
      *[!A-Za-z0-9/:._,-]*) value="'$(printf '%s' "$value" | sed "s/'/\\\\'/g")'" ;;
    esac
    echo "$key=$value    # from $source"
  done
}

is_on() {
  case $1 in [Yy][Ee][Ss] | [Oo][Nn] | 1) true ;; *) false ;; esac
}

make_fqrn() {
  case $1 in *.*) echo "$1" ;; *) echo "$1.${CVMFS_DEFAULT_DOMAIN:-}" ;; esac
}

is_repository() {
  case $1 in '' | *[!A-Za-z0-9._-]* | .* | *. | *..*) false ;; *) true ;; esac
}

# Mount points of repositories.
list_mounts() {
  sed -n 's#^\(/[^ ]*/\)\{0,1\}cvmfs2 \([^ ]*\) .*#\2#p' "$root/proc/mounts"
}

# A fallback proxy takes DIRECT out of the proxies, and of itself (download.cc).
effective_proxies() {
  if [ -z "${CVMFS_FALLBACK_PROXY:-}" ]; then
    echo "$CVMFS_HTTP_PROXY"
    return 0
  fi
  echo "$CVMFS_HTTP_PROXY;$CVMFS_FALLBACK_PROXY" |
    tr ';' '\n' | sed -e 's/|/\n/g;s/$/\n;/' | grep -vx -e DIRECT -e '' |
    awk '$0 == ";" { if (group != "") line = line (line == "" ? "" : ";") group; group = ""; next }
         { group = group (group == "" ? "" : "|") $0 } END { print line }'
}

# What a client at work knows of its repository.
remember() {
  mkdir -p "$root/run/cvmfs/$fqrn"
  effective_proxies >"$root/run/cvmfs/$fqrn/proxies"
  echo "$CVMFS_QUOTA_LIMIT" >"$root/run/cvmfs/$fqrn/quota"
}
