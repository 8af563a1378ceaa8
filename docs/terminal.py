#!/usr/bin/env python3
"""Draws docs/terminal.svg, the picture in the README: runs real commands in an empty home and shows what they print.

Usage: docs/terminal.py [--muista PROGRAM] [--check]

Without --check the picture is written; with it, it is compared, and the exit status is 1 where it differs. What is shown
does not depend on the day: dates are today and tomorrow.
"""

import argparse
import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PICTURE = pathlib.Path(__file__).with_name("terminal.svg")

# The lines that are typed.
SCENE = [
    "muista add Buy cat food due:tomorrow",
    "muista add Call Anna due:today pri:high +family",
    "muista add Water the plants project:house every:day",
    "muista ls",
    "muista done 1",
    "muista undo",
    "muista remind 1 tomorrow 9:00 --channel desktop",
]

# The size of a character and where the first stands.
COLUMN, LINE, LEFT, TOP = 8.4, 20, 18, 58


def printed(muista):
    """Runs the scene; yields each line with whether it was typed."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "HOME": home,
            "PATH": os.pathsep.join([str(muista.parent), "/usr/bin", "/bin"]),
            "LANG": "C.UTF-8",
            "MUISTA_TIMEZONE": os.environ.get("MUISTA_TIMEZONE", "UTC"),
            "MUISTA_COLOR": "always",
            # Another daemon may serve at the usual address.
            "MUISTA_HTTP": "127.0.0.1:0",
        }
        # Without it each command would tell that a reminder waits for the daemon.
        subprocess.run(["muista", "daemon", "start"], env=environment, capture_output=True, check=True)
        try:
            for command in SCENE:
                yield True, command
                ran = subprocess.run(
                    ["sh", "-c", command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
                )
                if ran.returncode != 0:
                    sys.exit(f"{command}: exit status {ran.returncode}\n{ran.stdout}")
                for line in ran.stdout.splitlines():
                    yield False, line.rstrip()
        finally:
            subprocess.run(["muista", "daemon", "stop"], env=environment, capture_output=True, check=True)


def rgb(code):
    """The colour of a number of xterm's palette, lighter where it would be too dark on the window."""
    number = int(code)
    if number >= 232:
        grey = 8 + (number - 232) * 10
        parts = (grey, grey, grey)
    elif number >= 16:
        steps = [0, 95, 135, 175, 215, 255]
        number -= 16
        parts = (steps[number // 36], steps[number // 6 % 6], steps[number % 6])
    else:
        parts = (200, 200, 200)
    return "#" + "".join(f"{part + (255 - part) // 3:02x}" for part in parts)


def escaped(text):
    """A text as SVG has it. Browsers draw several blanks as one, whatever xml:space says, unless they are no-break spaces."""
    return html.escape(text, quote=False).replace(" ", "\u00a0")


def spans(line):
    """A line with SGR sequences as SVG's tspans."""
    out, bold, colour = [], False, None
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            codes = piece[2:-1].split(";")
            while codes:
                code = codes.pop(0)
                if code in ("", "0"):
                    bold, colour = False, None
                elif code == "1":
                    bold = True
                elif code == "38" and codes[:1] == ["5"]:
                    colour, codes = rgb(codes[1]), codes[2:]
            continue
        if piece:
            style = (' font-weight="bold"' if bold else "") + (f' fill="{colour}"' if colour else "")
            text = escaped(piece)
            out.append(f"<tspan{style}>{text}</tspan>" if style else text)
    return "".join(out)


def picture(lines):
    """The whole picture."""
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", text) for _, text in lines]
    width = round(2 * LEFT + COLUMN * max(len(text) + 2 for text in plain))
    height = TOP + LINE * len(lines) + 6
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
        "<title>Muista in a terminal</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#1d2129"/>',
        *(f'<circle cx="{22 + 20 * at}" cy="20" r="6" fill="{fill}"/>' for at, fill in enumerate(["#e0665c", "#e0b04c", "#63b35c"])),
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" fill="#d7dae0">',
    ]
    for at, (is_typed, text) in enumerate(lines):
        shown = f'<tspan fill="#63b35c">$</tspan>\u00a0<tspan fill="#ffffff">{escaped(text)}</tspan>' if is_typed else spans(text)
        out.append(f'<text x="{LEFT}" y="{TOP + LINE * at}">{shown}</text>')
    out += ["</g>", "</svg>"]
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description="Draws docs/terminal.svg.")
    parser.add_argument("--muista", default="target/debug/muista", help="the program [default: %(default)s]")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    args = parser.parse_args()
    drawn = picture(list(printed(pathlib.Path(args.muista).resolve())))
    if not args.check:
        PICTURE.write_text(drawn, encoding="utf-8")
    elif not PICTURE.exists() or PICTURE.read_text(encoding="utf-8") != drawn:
        sys.exit(f"{PICTURE} is not what the commands print today; run docs/terminal.py")


main()
