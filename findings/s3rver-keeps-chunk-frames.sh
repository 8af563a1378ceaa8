#!/usr/bin/env bash
# The AWS SDK for JavaScript uploads a stream to s3rver, and what is stored is the upload's framing, not the file
# alone.
#
# Versions: npm @aws-sdk/client-s3 3.1175.0, s3rver 3.7.1.
# Seen: since its checksums are on by default, the SDK sends a body that is a stream in chunks with a CRC-32 after the
# last one (Content-Encoding: aws-chunked, x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER), also when the
# length is given. s3rver knows the older, signed chunks only: it answers 200 and keeps "b", the eleven bytes, "0" and
# the checksum's line as the object. A text or a buffer as the body is stored as it is, so that a small test passes.
# What helps: requestChecksumCalculation: "WHEN_REQUIRED" at the client. A server that takes uploads refuses a
# Content-Encoding or x-amz-content-sha256 that it does not know.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . @aws-sdk/client-s3@3.1175.0 s3rver@3.7.1

printf 'hello there' >file.txt
mkdir objects
cat >upload.mjs <<'JAVASCRIPT'
import { createReadStream } from "node:fs";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import S3rver from "s3rver";

const server = new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory: "objects", configureBuckets: [{ name: "b" }] });
const { port } = await server.run();
const store = async (name, Body, options = {}) => {
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", forcePathStyle: true,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" }, ...options,
  });
  await client.send(new PutObjectCommand({ Bucket: "b", Key: name, Body, ContentLength: 11 }));
  const object = await client.send(new GetObjectCommand({ Bucket: "b", Key: name }));
  console.log(name, JSON.stringify(await object.Body.transformToString()));
};
await store("text", "hello there");
await store("stream", createReadStream("file.txt"));
await store("required", createReadStream("file.txt"), { requestChecksumCalculation: "WHEN_REQUIRED" });
await server.close();
JAVASCRIPT

seen=$(node upload.mjs 2>/dev/null)
printf '%s\n' "$seen"
expected='text "hello there"
stream "b\r\nhello there\r\n0\r\nx-amz-checksum-crc32:bRLpUA==\r\n\r\n"
required "hello there"'
[[ $seen == "$expected" ]]
