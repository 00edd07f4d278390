# The App in a container: docs/containers.md. Nothing is built; the packages are those of package-lock.json.
ARG NODE=24.21.0-bookworm-slim

FROM node:${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY bin/ bin/
COPY scripts/link-node.js scripts/
# The optional ones are Nodes for machines that have another.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:${NODE}
# git is how releases are delivered; tini is process 1, which passes signals on and buries what git leaves behind.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git tini \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=1000 --group=1000 --mode=0750 /data
WORKDIR /app
COPY --from=packages /app/node_modules/ node_modules/
COPY package.json LICENSE ./
COPY bin/ bin/
COPY src/ src/
COPY templates/ templates/
ENV NODE_ENV=production PORT=3000 HOST=0.0.0.0 ADMIN_PORT=9464 ADMIN_HOST=0.0.0.0 DATA_DIR=/data
# The image's user "node", as a number, so that an orchestrator can see that it is not root.
USER 1000:1000
VOLUME ["/data"]
EXPOSE 3000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# As bin/tidegate.js starts it, without another process between.
ENV MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072
ENTRYPOINT ["tini", "--", "node", "--max-semi-space-size=8", "--initial-old-space-size=64", "--heap-growing-percent=25", "/app/src/cli.ts"]
CMD ["start"]
