#!/usr/bin/env bash
# SQLite: `CHECK (json_valid(x))` allows NULL or refuses it, by the release that reads the file.
#
# Versions: SQLite 3.40.0 (PyPI apsw 3.40.0.0; Debian 12 ships 3.40.1) and 3.54.1 (PyPI apsw 3.54.1.0).
# Seen: json_valid(NULL) is NULL in the newer one, and a CHECK that comes to NULL holds; it is 0 in the older one. So a
# table written by the newer one, with a NULL where the column allows it, is reported as damaged by the older one's
# integrity check ("CHECK constraint failed in t"), and a dump of it cannot be read back there.
# What helps: CHECK (x IS NULL OR json_valid(x)), which means the same in both.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
for version in 3.40.0.0 3.54.1.0; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "apsw==$version"
done

cat >"$folder/write.py" <<'PYTHON'
import sys, apsw
db = apsw.Connection(sys.argv[1])
db.execute("CREATE TABLE t (plain TEXT CHECK (json_valid(plain)), kept TEXT CHECK (kept IS NULL OR json_valid(kept)))")
db.execute("INSERT INTO t VALUES (NULL, NULL)")
print(apsw.sqlitelibversion(), db.execute("SELECT json_valid(NULL)").fetchall(), db.execute("PRAGMA integrity_check").fetchall())
PYTHON
cat >"$folder/read.py" <<'PYTHON'
import sys, apsw
db = apsw.Connection(sys.argv[1])
print(apsw.sqlitelibversion(), db.execute("SELECT json_valid(NULL)").fetchall(), db.execute("PRAGMA integrity_check").fetchall())
try:
    db.execute("INSERT INTO t (plain) VALUES (NULL)")
    print("taken")
except apsw.ConstraintError as error:
    print("refused:", error)
db.execute("INSERT INTO t (plain, kept) VALUES ('1', NULL)")
PYTHON

seen=$("$folder/3.54.1.0/bin/python" "$folder/write.py" "$folder/a.db"; "$folder/3.40.0.0/bin/python" "$folder/read.py" "$folder/a.db")
printf '%s\n' "$seen"
expected="3.54.1 [(None,)] [('ok',)]
3.40.0 [(0,)] [('CHECK constraint failed in t',)]
refused: ConstraintError: CHECK constraint failed: json_valid(plain)"
[[ $seen == "$expected" ]]
