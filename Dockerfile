# Muista in a small image: both programs, linked statically against musl, on Alpine, since the scripts of jobs need a
# shell. Built with: docker build -t muista .

FROM rust:1-alpine AS build
# SQLite and ring are C.
RUN apk add --no-cache build-base
WORKDIR /src
COPY . .
# The image's own toolchain will do; the file would have rustup fetch another.
RUN rm rust-toolchain.toml \
    && cargo build --locked --profile dist -p muistad -p muista-cli \
    && mkdir -p /out && cp target/dist/muistad target/dist/muista /out/

FROM alpine:3.22
# Certificates of authorities for mail and webhooks, the world's time zones, and an init that ends what scripts leave.
RUN apk add --no-cache ca-certificates tzdata tini \
    && adduser -D -u 10001 -h /var/lib/muista muista \
    && install -d -o muista -g muista -m 0700 /var/lib/muista \
    && install -d -m 0755 /etc/muista /etc/muista/scripts
COPY --from=build /out/ /usr/local/bin/
USER muista
ENV MUISTA_DATA_DIR=/var/lib/muista \
    MUISTA_SCRIPTS_DIR=/etc/muista/scripts \
    MUISTA_HTTP=0.0.0.0:3000
VOLUME /var/lib/muista
EXPOSE 3000 7333
# Asks over the socket, and so the database too. There is nothing else in the image that could.
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m --start-interval=1s \
    CMD ["muista", "daemon", "status", "--quiet"]
ENTRYPOINT ["tini", "--", "muistad"]
