# Completion of muista in bash. The line goes to muista as it is typed, and the candidates come back quoted for where they
# go: here nothing is split, run or expanded.

_muista() {
    local line todo=
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $todo ]]; then todo=$line; else COMPREPLY+=("$line"); fi
    done < <(_MUISTA_COMPLETE=bash muista -- "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    case $todo in
        nospace) compopt -o nospace ;;
        default) compopt -o bashdefault -o default ;;
    esac
}

complete -o nosort -F _muista muista 2>/dev/null || complete -F _muista muista
