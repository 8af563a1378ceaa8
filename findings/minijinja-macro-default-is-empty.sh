#!/usr/bin/env bash
# minijinja: a macro's default that names an earlier parameter is silently empty; Jinja2 fills it in.
#
# Versions: PyPI minijinja 3.1.0 (the Rust crate's binding), PyPI Jinja2 3.1.6.
# Seen: {% macro link(url, text=url) %} called as link("/tasks") gives "/tasks" for both in Jinja2, whose defaults are
# reckoned within the call. minijinja looks for `url` outside of the macro, finds nothing, and writes an empty text;
# with a variable of that name in the page it writes that one's value. In its strict mode it is an error when the macro
# is called.
# What helps: strict mode; a default of none and `{% set text = text or url %}` in the macro, which means the same in
# both.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check minijinja==3.1.0 Jinja2==3.1.6

cat >render.py <<'PYTHON'
import jinja2, minijinja
MACRO = '{% macro link(url, text=url) %}<a href="{{ url }}">{{ text }}</a>{% endmacro %}{{ link("/tasks") }}'
BOTH = MACRO.replace("text=url) %}", "text=none) %}{% set text = text or url %}")
for name, template in (("default", MACRO), ("none", BOTH)):
    for data in {}, {"url": "/elsewhere"}:
        print(name, "Jinja2   ", jinja2.Template(template).render(data))
        print(name, "minijinja", minijinja.Environment().render_str(template, **data))
try:
    print(minijinja.Environment(undefined_behavior="strict").render_str(MACRO))
except minijinja.TemplateError as error:
    print("strict", error.kind)
PYTHON

seen=$(venv/bin/python render.py)
printf '%s\n' "$seen"
expected='default Jinja2    <a href="/tasks">/tasks</a>
default minijinja <a href="/tasks"></a>
default Jinja2    <a href="/tasks">/tasks</a>
default minijinja <a href="/tasks">/elsewhere</a>
none Jinja2    <a href="/tasks">/tasks</a>
none minijinja <a href="/tasks">/tasks</a>
none Jinja2    <a href="/tasks">/tasks</a>
none minijinja <a href="/tasks">/tasks</a>
strict UndefinedError'
[[ $seen == "$expected" ]]
