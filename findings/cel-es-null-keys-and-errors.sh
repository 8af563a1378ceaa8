#!/usr/bin/env bash
# CEL in the browser: @bufbuild/cel holds a key with null for missing, and hands errors back as objects, which are
# truthy.
#
# Versions: npm @bufbuild/cel 0.6.1; PyPI cel-python 0.5.0 for comparison.
# Seen, with {"m": {"a": null}, "n": 3} from JSON: has(m.a) and "a" in m are false, though m.a == null is true; of a
# map, has() asks whether the key is there (CEL language definition, "Field Selection"). n + 1 == 5 does not throw, nor
# is it false: the result is an object that describes the error (a JSON number is a double there, and double + int has
# no meaning), so `if (run(...))` takes the branch. timestamp(int(t)) is another moment than t: seconds one way,
# milliseconds the other.
# What helps: take only `true` as true and everything but true and false as an error; hand whole numbers over as
# BigInt; ask `m.a != null` where null and missing mean the same. Do not promise that a condition tried in a page holds
# in a server.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . @bufbuild/cel@0.6.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check cel-python==0.5.0

cat >conditions <<'CEL'
has(m.a)
"a" in m
m.a == null
n + 1 == 5
int(timestamp("2026-01-01T00:00:00Z"))
string(timestamp(1767225600))
CEL
cat >page.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { run } from "@bufbuild/cel";
const data = JSON.parse('{"m": {"a": null}, "n": 3}');
for (const condition of readFileSync("conditions", "utf8").trim().split("\n")) {
  const result = run(condition, data);
  console.log("cel-es", condition, "=", typeof result === "object" ? `an object, ${result ? "truthy" : "falsy"}` : String(result));
}
JAVASCRIPT
cat >server.py <<'PYTHON'
import celpy
environment = celpy.Environment()
data = celpy.json_to_cel({"m": {"a": None}, "n": 3})
for condition in open("conditions"):
    if "timestamp" not in condition:
        result = environment.program(environment.compile(condition.strip())).evaluate(data)
        print("cel-python", condition.strip(), "=", bool(result))
PYTHON

seen=$(node page.mjs; venv/bin/python server.py 2>/dev/null)
printf '%s\n' "$seen"
expected='cel-es has(m.a) = false
cel-es "a" in m = false
cel-es m.a == null = true
cel-es n + 1 == 5 = an object, truthy
cel-es int(timestamp("2026-01-01T00:00:00Z")) = 1767225600
cel-es string(timestamp(1767225600)) = 1970-01-21T10:53:45.600Z
cel-python has(m.a) = True
cel-python "a" in m = True
cel-python m.a == null = True
cel-python n + 1 == 5 = False'
[[ $seen == "$expected" ]]
