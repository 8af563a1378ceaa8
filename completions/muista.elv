# Completion of muista in elvish, which quotes candidates itself.
set edit:completion:arg-completer[muista] = {|@words|
    env _MUISTA_COMPLETE=elvish muista -- $@words
}
