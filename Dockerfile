# One image for the portal and the engine; docker-compose.yml says which command each service runs.

FROM node:24-bookworm-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json .npmrc ./
# The pose weights and the browser's libraries; no scripts of strangers.
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.11-slim-bookworm
# Else each thread of a process keeps a heap of its own.
ENV PYTHONUNBUFFERED=1 VAR=/var/lib/coachportal MALLOC_ARENA_MAX=2
WORKDIR /opt/coachportal
COPY door/uv.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r uv.lock \
    && uv pip sync --system --no-cache --require-hashes --compile-bytecode requirements.lock
COPY --from=packages /packages/node_modules node_modules
# Whatever the umask of who cloned it: the portal's own user has to read it.
COPY --chmod=755 . .
# Translations and byte code are made here, so that a container starts fast and may be read-only but for its data.
RUN python -m coachportal.catalogues \
    && python -m compileall -q -x '/(node_modules|tests)/' . \
    && useradd --system --uid 10001 coachportal \
    && install --directory --owner=coachportal --mode=0700 "$VAR"
USER coachportal
VOLUME ["/var/lib/coachportal"]
CMD ["gunicorn", "coachportal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", \
     "--threads", "16", "--no-control-socket", "--log-level", "warning"]
