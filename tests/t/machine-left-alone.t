#!/bin/sh
# scripts/packages installs without starting anything, now or later. A package
# with a timer, a service, an init script and a cron file is installed from a
# local archive into a throw-away copy of this system.
. "$(dirname "$0")/../lib.sh"

# What scripts/packages has really installed here, if it did.
record=/var/log/acme-tools-packages.log
: >brought
if [ -r $record ]; then
	for package in $(tr ' ' '\n' <$record | sort -u); do
		dpkg -L "$package" 2>/dev/null
	done | grep -E '\.(timer|service|socket|path)$|^/etc/cron\.[^/]*/.' \
		>brought
fi
active=
while read -r path; do
	case $path in
	/etc/cron*) [ -f "$path" ] && active="$active $path" ;;
	*)
		active="$active$(find /etc/systemd/system -type l \
			-path '*.wants/*' -name "${path##*/}")"
		;;
	esac
done <brought
is "$active" '' 'no timer, service or cron file of what was installed here'

[ "$(id -u)" -eq 0 ] || {
	skip 1 'only root can install'
	done_testing
	exit 0
}
need dpkg-deb unshare apt-get

# The probe's service, were it started, would listen on this port.
port=$(free_port)
mkdir -p deb/DEBIAN deb/lib/systemd/system deb/etc/cron.d deb/etc/init.d
cat >deb/DEBIAN/control <<END
Package: acme-tools-probe
Version: 1
Architecture: all
Maintainer: nobody <nobody@localhost>
Description: brings everything that could start
END
printf '/etc/cron.d/acme-tools-probe\n/etc/init.d/acme-tools-probe\n' \
	>deb/DEBIAN/conffiles
cat >deb/DEBIAN/postinst <<'END'
#!/bin/sh
set -e
deb-systemd-helper enable acme-tools-probe.timer >/dev/null
deb-systemd-helper enable acme-tools-probe.service >/dev/null
update-rc.d acme-tools-probe defaults >/dev/null
deb-systemd-invoke start acme-tools-probe.timer || true
invoke-rc.d acme-tools-probe start || true
END
chmod 755 deb/DEBIAN/postinst
printf '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n' \
	>deb/lib/systemd/system/acme-tools-probe.timer
printf '%s\n' '[Service]' 'ExecStart=/bin/true' '[Install]' \
	WantedBy=multi-user.target >deb/lib/systemd/system/acme-tools-probe.service
echo '0 0 1 1 * root true' >deb/etc/cron.d/acme-tools-probe
cat >deb/etc/init.d/acme-tools-probe <<END
#!/bin/sh
### BEGIN INIT INFO
# Provides: acme-tools-probe
# Required-Start: \$remote_fs
# Required-Stop: \$remote_fs
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
touch /started
setpriv --pdeathsig TERM /usr/bin/python3 -m http.server -b 127.0.0.1 $port &
END
chmod 755 deb/etc/init.d/acme-tools-probe
mkdir repo
dpkg-deb --root-owner-group -b deb repo/probe_1_all.deb >deb.log 2>&1 ||
	bail "$(cat deb.log)"
(
	cd repo &&
		printf '%s\nFilename: ./probe_1_all.deb\nSize: %s\nSHA256: %s\n' \
			"$(cat ../deb/DEBIAN/control)" \
			"$(stat -c %s probe_1_all.deb)" \
			"$(sha256sum probe_1_all.deb | cut -d' ' -f1)" >Packages
) || bail 'cannot make an archive'
printf '%s\n' '[probe]' 'acme-tools-none | acme-tools-probe' 'acme-tools-none | -' \
	'[there]' dash 'none | dash' >list

# In the copy: install, then say what is there.
printf '[none]\nacme-tools-none\n' >none
cat >inside <<'END'
set -u
record=/var/log/acme-tools-packages.log
cd /
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d
mkdir /etc/apt/apt.conf.d
echo "deb [trusted=yes] file:$T/repo ./" >/etc/apt/sources.list
echo 'APT::Sandbox::User "root";' >/etc/apt/apt.conf.d/x
printf '#!/bin/sh\n# mine\nexit 0\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
[ -e /sbin/init ] || ln -s /bin/true /sbin/init
mkdir -p "$T/result" && cd "$T/result" || exit 1
PACKAGES_FILE=$T/list
export PACKAGES_FILE
if [ "$1" = ours ]; then
	"$ROOT/scripts/packages" probe >log 2>&1
else
	apt-get -q update >log 2>&1
	apt-get -qy install acme-tools-probe >>log 2>&1
fi
echo $? >status
dpkg-query -W -f '${db:Status-Status}' acme-tools-probe >installed
cp /usr/sbin/policy-rc.d policy
ls /started >started 2>/dev/null
find /etc/systemd/system /etc/rc[2-5].d -name '*acme-tools-probe*' \
	! -name 'K*' >links
ls /etc/cron.d/acme-tools-probe >cron 2>/dev/null
grep -c ": 0100007F:$(printf %04X "$2") .* 0A " /proc/net/tcp >listeners
cp $record record 2>/dev/null
rm -f $record
"$ROOT/scripts/packages" -n probe >again
PACKAGES_FILE=$T/none "$ROOT/scripts/packages" none >none 2>&1
echo $? >none.status
cat $record >none.record 2>/dev/null
END
cat >copy <<'END'
set -e
mount -t tmpfs tmpfs "$T/over"
mkdir "$T/over/upper" "$T/over/work" "$T/over/root"
mount -t overlay overlay -o \
	"lowerdir=/,upperdir=$T/over/upper,workdir=$T/over/work" "$T/over/root"
for dir in proc sys dev; do
	mount --rbind /$dir "$T/over/root/$dir"
done
# The test's own directory and the source tree as they are.
mkdir -p "$T/over/root$T" "$T/over/root$ROOT"
mount --bind "$T" "$T/over/root$T"
mount --bind "$ROOT" "$T/over/root$ROOT"
exec chroot "$T/over/root" sh "$T/inside" "$@"
END
mkdir over
copy()
{
	rm -rf result
	unshare -nm --propagation private sh copy "$@" >copy.log 2>&1
	[ -s result/again ] || [ -e result/again ] || bail "$(cat copy.log)"
}

copy theirs "$port"
is "$(cat result/installed)" installed 'without scripts/packages: installed'
like "$(cat result/links)" timer 'and its timer enabled'
is "$(wc -l <result/cron)" 1 'and its cron file there'
is "$(cat result/started)" /started 'and its service started'

copy ours "$port"
is "$(cat result/status)/$(cat result/installed)" 0/installed \
	'with scripts/packages: installed'
is "$(cat result/links)" '' 'nothing of it is enabled'
is "$(cat result/cron)" '' 'no cron file'
is "$(cat result/started)" '' 'its service was not started'
is "$(cat result/listeners)" 0 'nothing listens'
like "$(cat result/policy)" '^# mine$' "the machine's policy-rc.d is back"
is "$(cat result/again)" '' 'and nothing is missing any more'
like "$(cat result/record)" '(^| )acme-tools-probe$' 'it is recorded'
is "$(cat result/none.status)" 1 'a package that is not to be had'
like "$(cat result/none)" 'cannot install acme-tools-none' 'is an error'
is "$(cat result/none.record)" '' 'and is not recorded'
[ "$(cat result/status)" = 0 ] || diag "$(cat result/log)"

run env PACKAGES_FILE="$T/list" PATH=/usr/bin:/bin \
	strace -f -e trace=execve -o calls "$ROOT/scripts/packages" there
is "$status/$out$err" 0/ 'nothing missing: nothing said'
unlike "$(cat calls)" 'apt-get|sudo' 'nothing missing: apt is not called'
run env PACKAGES_FILE="$T/list" "$ROOT/scripts/packages" nonsense
is "$status" 1 'an unknown section'
like "$err" 'no section \[nonsense\]' 'is an error'
done_testing
