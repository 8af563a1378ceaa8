#!/usr/bin/env bash
# dateparser: "tomorrow at 9" is tomorrow at the present hour, "tonight at 8" is now, and "friday at 9" is a Friday in
# September.
#
# Versions: PyPI dateparser 1.5.0.
# Seen, on Wednesday 4 March 2026 at 12:00, with PREFER_DATES_FROM "future": an hour without minutes or am is no time.
# "tomorrow at 9" is 5 March, 12:00; in German and Finnish ("morgen um 9 Uhr", "huomenna klo 9") as well, while French
# "demain à 9h" is 9:00. Beside a weekday it becomes the month, "friday at 9" 4 September, or in German and Finnish the
# day, "Freitag um 14 Uhr" Saturday 14 March. "the 5th" is 4 May; "the 31st" is 31 March. The documentation has parse()
# return None for what it cannot read, and these are not None; "9am" and "9:00" are read right, so that tests with them
# pass.
# What helps: write the hour as 9:00 or 9am before the text goes to parse() ("at 9", "um 9 Uhr", "klo 9"), and show the
# date back with its weekday and time before a reminder is kept.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check dateparser==1.5.0 tzdata==2026.6

cat >read.py <<'PYTHON'
from datetime import datetime

import dateparser

for language, texts in (
    ("en", ("tomorrow at 9am", "tomorrow at 9:00", "tomorrow at 9", "tonight at 8", "friday at 9am", "friday at 9",
            "the 31st", "the 5th")),
    ("de", ("morgen um 9:00", "morgen um 9 Uhr", "Freitag um 14 Uhr")),
    ("fi", ("huomenna klo 9", "perjantaina klo 14")),
    ("fr", ("demain à 9h", "vendredi à 14h")),
):
    for text in texts:
        settings = {"RELATIVE_BASE": datetime(2026, 3, 4, 12), "PREFER_DATES_FROM": "future"}
        if language == "fi":
            settings["SKIP_TOKENS"] = []
        date = dateparser.parse(text, languages=[language], settings=settings)
        print(language, text, "|", date.strftime("%a %d %b %H:%M") if date else None)
PYTHON

seen=$(venv/bin/python read.py 2>/dev/null)
printf '%s\n' "$seen"
[[ $seen == "en tomorrow at 9am | Thu 05 Mar 09:00
en tomorrow at 9:00 | Thu 05 Mar 09:00
en tomorrow at 9 | Thu 05 Mar 12:00
en tonight at 8 | Wed 04 Mar 12:00
en friday at 9am | Fri 06 Mar 09:00
en friday at 9 | Fri 04 Sep 00:00
en the 31st | Tue 31 Mar 00:00
en the 5th | Mon 04 May 00:00
de morgen um 9:00 | Thu 05 Mar 09:00
de morgen um 9 Uhr | Thu 05 Mar 12:00
de Freitag um 14 Uhr | Sat 14 Mar 00:00
fi huomenna klo 9 | Thu 05 Mar 12:00
fi perjantaina klo 14 | Sat 14 Mar 00:00
fr demain à 9h | Thu 05 Mar 09:00
fr vendredi à 14h | Fri 06 Mar 14:00" ]]
