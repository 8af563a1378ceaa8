
set edit:completion:arg-completer[muista] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) _MUISTA_COMPLETE="elvish" muista -- $@words) | to-lines
}

