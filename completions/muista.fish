complete --keep-order --exclusive --command muista --arguments "(_MUISTA_COMPLETE=fish muista -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
