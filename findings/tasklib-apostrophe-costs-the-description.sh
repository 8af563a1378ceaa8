#!/usr/bin/env bash
# tasklib: a project named mum's costs the task its description, and a description of one such word gains a prefix.
#
# Versions: PyPI tasklib 2.5.1; Debian 12 taskwarrior 2.6.2+dfsg-1.
# Seen: Task(description="Bake", project="mum's").save() stores a task without a project, described as
# "project:'mum's'". tasklib puts apostrophes around each value for Taskwarrior's command line; one more inside, in a
# value without a blank, makes Taskwarrior take the whole argument for words of the description, which then is
# replaced. With a blank in the value ("mum's cake") all is well, so that tests with sentences pass. save() raises
# nothing, in either case.
# What helps: `task import` with JSON, which takes any value as it is; after save(), compare with what was stored.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
apt-get download -qq taskwarrior=2.6.2+dfsg-1 2>/dev/null
dpkg-deb -x taskwarrior*.deb root
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check tasklib==2.5.1

export TASKRC=$folder/taskrc TASKDATA=$folder/data
mkdir data
echo verbose=nothing >taskrc
cat >save.py <<'PYTHON'
import json, subprocess
from tasklib import Task, TaskWarrior

TASK = "root/usr/bin/task"
warrior = TaskWarrior(data_location="data", taskrc_location="taskrc", task_command=TASK)
for values in ({"description": "Bake", "project": "mum's"}, {"description": "Let's"}, {"description": "Bake mum's cake"}):
    task = Task(warrior, **values)
    task.save()
    text = subprocess.run([TASK, task["uuid"], "export"], capture_output=True, check=True, text=True).stdout
    stored = json.loads(text)[0]
    print(values, "->", stored["description"], "|", stored.get("project"))
subprocess.run([TASK, "import", "-"], capture_output=True, check=True, text=True, input=json.dumps(
    dict(stored, description="Bake", project="mum's")))
text = subprocess.run([TASK, stored["uuid"], "export"], capture_output=True, check=True, text=True).stdout
print("imported ->", json.loads(text)[0]["description"], "|", json.loads(text)[0]["project"])
PYTHON

seen=$(venv/bin/python save.py)
printf '%s\n' "$seen"
expected="{'description': 'Bake', 'project': \"mum's\"} -> project:'mum's' | None
{'description': \"Let's\"} -> description:'Let's' | None
{'description': \"Bake mum's cake\"} -> Bake mum's cake | None
imported -> Bake | mum's"
[[ $seen == "$expected" ]]
