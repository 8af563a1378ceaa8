# Completion of muista in fish, which quotes candidates itself.
complete --keep-order --exclusive --command muista --arguments "(_MUISTA_COMPLETE=fish muista -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor))"
