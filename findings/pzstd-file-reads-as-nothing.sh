#!/usr/bin/env bash
# A file made by pzstd: Python's zstandard reads no bytes from it, once with an error and once without.
#
# Versions: Debian 12 zstd 1.5.4+dfsg2-5+deb12u1 (pzstd); PyPI zstandard 0.25.0.
# Seen: pzstd, the parallel tool of zstd's own package, begins its files with a skippable frame (RFC 8878, 3.1.2:
# decoders skip it and go on; 3.1: frames follow one another). zstandard's decompress() says "decompressed 0 bytes;
# expected 4", and decompressobj(), the one for data that comes in pieces, ends after that frame: no bytes, no error.
# stream_reader() reads all of it.
# What helps: look for the end of the input, not of the frame: read with stream_reader(read_across_frames=True). A
# writer of backups makes one plain frame.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
apt-get download -qq zstd=1.5.4+dfsg2-5+deb12u1 2>/dev/null
dpkg-deb -x zstd*.deb root
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check zstandard==0.25.0

printf 'water the plants\n' >note.txt
root/usr/bin/pzstd -q note.txt -o note.zst
cat >read.py <<'PYTHON'
import io, zstandard
data = open("note.zst", "rb").read()
print("begins with", data[:4].hex())
try:
    print("decompress", zstandard.ZstdDecompressor().decompress(data, max_output_size=100))
except zstandard.ZstdError as error:
    print("decompress", error)
whole = zstandard.ZstdDecompressor().decompressobj()
print("decompressobj", whole.decompress(data) + whole.flush(), "at its end" if whole.eof else "not at its end")
print("stream_reader", zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True).read())
PYTHON

seen=$(root/usr/bin/zstd -dc note.zst; venv/bin/python read.py)
printf '%s\n' "$seen"
expected="water the plants
begins with 502a4d18
decompress decompression error: decompressed 0 bytes; expected 4
decompressobj b'' at its end
stream_reader b'water the plants\\n'"
[[ $seen == "$expected" ]]
