# One image for both services: `docker run IMAGE orchestrator`, `docker run IMAGE workers`. docs/deployment.md has more.
#   docker build --build-arg VERSION=0.1.0 --build-arg REVISION="$(git rev-parse HEAD)" --tag asdlc:0.1.0 .
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim

# Install scripts stay off in both stages: the only one that counts fetches Node, and the image has it.
FROM ${NODE_IMAGE} AS packages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run prepack && find dist -type f \( -name '*.map' -o -name '*.d.ts' \) -delete

FROM ${DEBIAN_IMAGE}
# tini is process 1: it reaps what the programs of handlers leave behind, and passes signals on from its first moment.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
  && groupadd --gid 1000 asdlc \
  && useradd --uid 1000 --gid 1000 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin asdlc
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=packages /build/node_modules node_modules
COPY deploy/image/entrypoint.sh deploy/image/healthcheck.sh ./
COPY package.json LICENSE ./
COPY docs/runbooks.md docs/runbooks.md
COPY --from=build /build/dashboard/dist dashboard/dist
COPY --from=build /build/dist dist

ARG DEBIAN_IMAGE
ARG VERSION=0.0.0
ARG REVISION=unknown
ENV NODE_ENV=production \
  SERVICE_HOST=0.0.0.0 \
  SERVICE_REVISION=${REVISION}
LABEL org.opencontainers.image.title="asdlc" \
  org.opencontainers.image.description="An event-driven task system you can see through: orchestrator and workers" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.source="https://github.com/asdlc/asdlc" \
  org.opencontainers.image.documentation="https://github.com/asdlc/asdlc/blob/main/docs/deployment.md" \
  org.opencontainers.image.base.name="${DEBIAN_IMAGE}" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
USER 1000:1000
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["/app/healthcheck.sh", "live"]
ENTRYPOINT ["tini", "-s", "--", "/app/entrypoint.sh"]
