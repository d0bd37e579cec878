# syntax=docker/dockerfile:1

# Tags move. For a build that can be repeated, name both images by digest; docs/deployment.md says how.
ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-25
ARG BASE_IMAGE=debian:13-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 ./taskbroker assemble /opt/broker

FROM ${BASE_IMAGE}
COPY --from=build /opt/broker /opt/broker
# Folders of the store have to be the user's before they become volumes; deployments of getsentry/taskbroker mount /opt/sqlite, and
# start /opt/taskbroker. The last command fails if the cache does not fit.
# A group of its own has to be made first: for a system user, useradd gives it another number than the user's.
RUN groupadd --system --gid 10001 taskbroker \
  && useradd --system --uid 10001 --gid 10001 --no-create-home taskbroker \
  && install --directory --owner=taskbroker --group=taskbroker --mode=0750 /var/lib/taskbroker /opt/sqlite \
  && ln -s /opt/broker/bin/taskbroker /opt/taskbroker \
  && ln -s /opt/broker/bin/taskbroker /usr/local/bin/taskbroker \
  && JAVA_OPTS=-XX:AOTMode=on taskbroker --version

USER 10001:10001
# Where ./taskbroker-inflight.sqlite is, unless store.sqlite.path says otherwise; here the JVM writes if it crashes, too.
WORKDIR /var/lib/taskbroker
VOLUME /var/lib/taskbroker

# Names of files and values of variables may have any letters.
ENV LC_ALL=C.UTF-8
# The probes are on here, as the check below asks for one.
ENV TASKBROKER_HTTP_PORT=8080
EXPOSE 50051 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m --start-interval=1s \
  CMD ["/opt/broker/bin/livez"]

# It becomes the JVM, which so gets the signals: SIGTERM stops it in order, within nine seconds.
ENTRYPOINT ["/opt/broker/bin/taskbroker"]
