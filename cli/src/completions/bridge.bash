
# `cargo mapi …` is completed as `cargo-mapi …` is. Everything else goes to cargo's own completion, which is loaded
# here where it would only be loaded at its first use.
_cargo_mapi_function_of() {
    complete -p "$1" 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p'
}

if [[ -z $(_cargo_mapi_function_of cargo) ]]; then
    if declare -F _comp_load >/dev/null; then
        _comp_load cargo &>/dev/null || true
    elif declare -F _completion_loader >/dev/null; then
        _completion_loader cargo &>/dev/null || true
    fi
fi
# Sourced twice, it would be its own fallback.
if [[ $(_cargo_mapi_function_of cargo) != _cargo_with_mapi ]]; then
    _cargo_without_mapi=$(_cargo_mapi_function_of cargo)
fi

_cargo_with_mapi() {
    if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} == mapi ]]; then
        local -a _cargo_mapi_words=(cargo-mapi "${COMP_WORDS[@]:2}")
        local -a COMP_WORDS=("${_cargo_mapi_words[@]}")
        local COMP_CWORD=$((COMP_CWORD - 1))
        _cargo_mapi cargo-mapi "$2" "${COMP_WORDS[COMP_CWORD - 1]}"
    elif [[ -n $_cargo_without_mapi ]]; then
        "$_cargo_without_mapi" "$@"
    fi
}

complete -r cargo_mapi
complete -F _cargo_mapi -o bashdefault -o default cargo-mapi
complete -F _cargo_with_mapi -o bashdefault -o default cargo
