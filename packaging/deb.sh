#!/bin/sh
# Makes a Debian package: deb.sh PROGRAMS OUT, where PROGRAMS is a folder with muista and muistad, as target/release. Writes
# OUT/muista_VERSION_ARCH.deb. Needs dpkg-deb; the programs must run on this machine, since they print their manual pages.
set -eu

fail() {
    printf 'deb.sh: %s\n' "$1" >&2
    exit 1
}

[ $# -eq 2 ] || {
    echo 'Usage: deb.sh PROGRAMS OUT, as in deb.sh target/release .' >&2
    exit 2
}
programs=$1
out=$2
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
command -v dpkg-deb >/dev/null || fail 'dpkg-deb is missing: install dpkg'
for program in muista muistad; do
    "$programs/$program" --version >/dev/null || fail "$programs/$program does not run here"
done
version=$("$programs/muista" --version)
version=${version#muista }-1

# The machine of an ELF file stands at byte 18.
case $(od -An -tx1 -j18 -N2 "$programs/muista" | tr -d ' ') in
    3e00) arch=amd64 ;;
    b700) arch=arm64 ;;
    *) fail "$programs/muista is for neither x86-64 nor arm64" ;;
esac

# The libraries that the programs need, in the versions whose symbols they use; nothing for static programs.
depends=
libc=$(cat "$programs/muista" "$programs/muistad" | LC_ALL=C grep -ao 'GLIBC_2\.[0-9][0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
[ -z "$libc" ] || depends="libc6 (>= $libc)"
if cat "$programs/muista" "$programs/muistad" | LC_ALL=C grep -aq 'libgcc_s\.so\.1'; then
    depends="${depends:+$depends, }libgcc-s1"
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM
umask 022
tree=$work/tree

# put MODE FILE NAME
put() {
    mkdir -p "$tree/$(dirname "$3")"
    cp "$2" "$tree/$3"
    chmod "$1" "$tree/$3"
}

put 755 "$programs/muista" usr/bin/muista
put 755 "$programs/muistad" usr/bin/muistad
put 644 "$root/packaging/systemd/muistad.service" usr/lib/systemd/system/muistad.service
put 644 "$root/packaging/systemd/user/muistad.service" usr/lib/systemd/user/muistad.service
put 644 "$root/packaging/systemd/muista.sysusers.conf" usr/lib/sysusers.d/muista.conf
put 644 "$root/completions/muista.bash" usr/share/bash-completion/completions/muista
put 644 "$root/completions/_muista" usr/share/zsh/vendor-completions/_muista
put 644 "$root/completions/muista.fish" usr/share/fish/vendor_completions.d/muista.fish
put 644 "$root/packaging/debian/config.toml" etc/muista/config.toml
mkdir -p "$tree/etc/muista/scripts"
"$programs/muista" man --dir "$work/man"
for page in "$work"/man/man*/*; do put 644 "$page" "usr/share/man/${page#"$work"/man/}"; done
gzip -9n "$tree"/usr/share/man/man*/*

doc=usr/share/doc/muista
put 644 "$root/README.md" "$doc/README.md"
{
    cat "$root/packaging/debian/copyright"
    sed 's/^$/./; s/^/ /' "$root/LICENSE-MIT"
} >"$work/copyright"
put 644 "$work/copyright" "$doc/copyright"
put 644 "$root/CHANGELOG.md" "$doc/changelog"
# The package's own changelog; its date is that of the last change to the notes, so that two builds are alike.
date=$(date -u -R -r "$root/CHANGELOG.md")
printf 'muista (%s) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- Muista <muista@users.noreply.github.com>  %s\n' \
    "$version" "$date" >"$work/changelog"
put 644 "$work/changelog" "$doc/changelog.Debian"
gzip -9n "$tree/$doc/changelog" "$tree/$doc/changelog.Debian"

mkdir "$tree/DEBIAN"
size=$(du -sk "$tree" | cut -f 1)
{
    printf 'Package: muista\nVersion: %s\nArchitecture: %s\n' "$version" "$arch"
    printf 'Maintainer: Muista <muista@users.noreply.github.com>\nInstalled-Size: %s\n' "$size"
    [ -z "$depends" ] || printf 'Depends: %s\n' "$depends"
    cat "$root/packaging/debian/control"
} >"$tree/DEBIAN/control"
echo /etc/muista/config.toml >"$tree/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    cp "$root/packaging/debian/$script" "$tree/DEBIAN/$script"
    chmod 755 "$tree/DEBIAN/$script"
done
(cd "$tree" && find usr -type f -exec md5sum {} + | LC_ALL=C sort -k 2) >"$tree/DEBIAN/md5sums"

mkdir -p "$out"
package=$out/muista_${version}_$arch.deb
dpkg-deb --root-owner-group --build "$tree" "$package" >/dev/null
printf '%s\n' "$package"
