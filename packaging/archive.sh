#!/bin/sh
# Makes a release archive: archive.sh PROGRAMS OUT, where PROGRAMS is a folder with muista and muistad. The archive,
# OUT/muista-VERSION-ARCH-linux-LIBC.tar.gz, holds one folder of that name, which install.sh installs from.
set -eu

fail() {
    printf 'archive.sh: %s\n' "$1" >&2
    exit 1
}

[ $# -eq 2 ] || {
    echo 'Usage: archive.sh PROGRAMS OUT, as in archive.sh target/dist .' >&2
    exit 2
}
programs=$1
out=$2
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for program in muista muistad; do
    "$programs/$program" --version >/dev/null || fail "$programs/$program does not run here"
done
version=$("$programs/muista" --version)
version=${version#muista }
# A dynamic program names its loader.
libc=musl
! LC_ALL=C grep -aq 'GLIBC_2\.' "$programs/muista" || libc=gnu
name=muista-$version-$(uname -m)-linux-$libc

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM
folder=$work/$name
mkdir -p "$folder/bin" "$folder/completions" "$folder/systemd/user"
cp "$programs/muista" "$programs/muistad" "$folder/bin/"
chmod 755 "$folder/bin/muista" "$folder/bin/muistad"
cp "$root/packaging/install.sh" "$folder/"
chmod 755 "$folder/install.sh"
cp "$root/completions/"* "$folder/completions/"
cp "$root/packaging/systemd/muistad.service" "$root/packaging/systemd/muista.sysusers.conf" "$folder/systemd/"
cp "$root/packaging/systemd/user/muistad.service" "$folder/systemd/user/"
cp "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$folder/"
"$programs/muista" man --dir "$folder/man"

mkdir -p "$out"
tar -C "$work" --owner=0 --group=0 --numeric-owner --sort=name -cf - "$name" | gzip "-${COMPRESSION:-9}" -n >"$out/$name.tar.gz"
printf '%s\n' "$out/$name.tar.gz"
