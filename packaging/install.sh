#!/bin/sh
# Installs Muista: both programs, completions for bash, zsh and fish, and the manual pages. From a release archive it copies
# the programs, from a checkout it builds them first. Needs no root unless the prefix does.
set -eu

usage() {
    cat <<'END'
Usage: install.sh [--prefix DIR] [--from PATH] [--uninstall]

Installs Muista, from the release archive or the checkout that this script is in.

  --prefix DIR   Where to install [default: ~/.local], as in --prefix /usr/local
  --from PATH    Install from this release archive (.tar.gz), or from a folder with muista and muistad,
                 as in --from target/release
  --uninstall    Remove what was installed below the prefix; tasks and settings stay
  -h, --help     Print this help
END
}

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

wrong() {
    printf 'install.sh: %s\nhint: install.sh --help lists the options\n' "$1" >&2
    exit 2
}

prefix=${HOME:+$HOME/.local}
from=
uninstall=no
while [ $# -gt 0 ]; do
    case $1 in
        --prefix | --from)
            if [ $# -lt 2 ] || [ -z "$2" ]; then wrong "$1 needs a value"; fi
            if [ "$1" = --prefix ]; then prefix=$2; else from=$2; fi
            shift
            ;;
        --prefix=?*) prefix=${1#*=} ;;
        --from=?*) from=${1#*=} ;;
        --uninstall) uninstall=yes ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) wrong "unknown argument: $1" ;;
    esac
    shift
done
[ -n "$prefix" ] || fail 'HOME is not set' 'name the folder with --prefix'
case $prefix in
    /*) ;;
    *) prefix=$PWD/$prefix ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# Every file that was installed, a line each: what --uninstall removes, and nothing else.
manifest=$prefix/share/muista/installed

remove() {
    [ -f "$manifest" ] || fail "nothing of Muista is installed below $prefix" 'name the folder with --prefix'
    while IFS= read -r file; do
        rm -f -- "$prefix/$file"
        # Folders that are empty now go too, up to the prefix.
        folder=$(dirname -- "$file")
        while [ "$folder" != . ] && rmdir -- "$prefix/$folder" 2>/dev/null; do
            folder=$(dirname -- "$folder")
        done
    done <"$manifest"
    rm -f -- "$manifest"
    rmdir -- "$prefix/share/muista" "$prefix/share" "$prefix" 2>/dev/null || true
    printf 'Removed Muista from %s. Tasks and settings stay.\n' "$prefix"
}

if [ "$uninstall" = yes ]; then
    [ -z "$from" ] || wrong '--from and --uninstall exclude each other'
    remove
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Sets `programs` to a folder with both programs.
find_programs() {
    if [ -n "$from" ] && [ -f "$from" ]; then
        tar -xzf "$from" -C "$work" || fail "cannot unpack $from" 'name a release archive, as in muista-0.1.0-x86_64-linux-musl.tar.gz'
        for programs in "$work"/*/bin; do :; done
        [ -f "$programs/muista" ] || fail "$from is not a release archive of Muista"
    elif [ -n "$from" ]; then
        programs=$from
        [ ! -f "$from/bin/muista" ] || programs=$from/bin
    elif [ -f "$here/bin/muista" ]; then
        programs=$here/bin
    elif [ -f "$here/../Cargo.toml" ]; then
        build
    else
        fail "there is neither a release archive nor a checkout around $here" 'name one with --from'
    fi
    for program in muista muistad; do
        [ -f "$programs/$program" ] || fail "there is no $program in $programs"
        "$programs/$program" --version >/dev/null 2>&1 ||
            fail "$programs/$program does not run here" "this machine is $(uname -sm): take the archive for it, or build from a checkout"
    done
}

build() {
    command -v cargo >/dev/null || fail 'Rust is missing' 'see https://rustup.rs, or install from a release archive with --from'
    command -v "${CC:-cc}" >/dev/null || fail 'a C compiler is missing' 'install gcc or clang'
    echo 'Building Muista; this takes several minutes.' >&2
    (cd -- "$here/.." && cargo build --release --locked -p muista-cli -p muistad) || fail 'the build failed'
    programs=$(cd -- "$here/.." && cd -- "${CARGO_TARGET_DIR:-target}/release" && pwd)
}

# put MODE FILE NAME: installs a file below the prefix, whole or not at all, also over a program that runs.
put() {
    mkdir -p -- "$prefix/$(dirname -- "$3")" || fail "cannot make folders below $prefix" 'choose another folder with --prefix'
    if ! { cp -- "$2" "$prefix/$3.new" && chmod "$1" "$prefix/$3.new" && mv -f -- "$prefix/$3.new" "$prefix/$3"; }; then
        fail "cannot write $prefix/$3"
    fi
    printf '%s\n' "$3" >>"$work/installed"
}

find_programs
mkdir -p -- "$prefix" || fail "cannot make $prefix" 'choose another folder with --prefix'
prefix=$(CDPATH='' cd -- "$prefix" && pwd)
manifest=$prefix/share/muista/installed
# Pages and completions are those of the program that is installed.
muista=$programs/muista
for shell in bash zsh fish; do "$muista" completions "$shell" >"$work/$shell"; done
"$muista" man --dir "$work/man"

put 755 "$programs/muistad" bin/muistad
put 755 "$programs/muista" bin/muista
put 644 "$work/bash" share/bash-completion/completions/muista
put 644 "$work/zsh" share/zsh/site-functions/_muista
put 644 "$work/fish" share/fish/vendor_completions.d/muista.fish
for page in "$work"/man/man*/*; do put 644 "$page" "share/man/${page#"$work"/man/}"; done

# What an older version brought and this one does not.
if [ -f "$manifest" ]; then
    while IFS= read -r file; do
        grep -Fqx -e "$file" "$work/installed" || rm -f -- "$prefix/$file"
    done <"$manifest"
fi
mkdir -p -- "$prefix/share/muista"
cp -- "$work/installed" "$manifest"

printf 'Installed %s below %s.\n' "$("$muista" --version)" "$prefix"
case :${PATH-}: in
    *:"$prefix/bin":*) ;;
    *) printf 'Add %s to your PATH to run it by its name.\n' "$prefix/bin" ;;
esac
case $prefix in
    /usr | /usr/local) ;;
    *) printf 'For completion in zsh, put this before compinit in ~/.zshrc: fpath+=(%s)\n' "$prefix/share/zsh/site-functions" ;;
esac
echo 'If the daemon is running, restart it: muista daemon restart'
echo 'Begin with: muista add Buy cat food due:tomorrow'
