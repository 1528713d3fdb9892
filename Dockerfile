# The one image of web server, workers and beat. Its steps are those of `make env`.

FROM node:24-bookworm-slim AS modules
WORKDIR /srv/bihuan
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.13-slim-bookworm AS ground
WORKDIR /srv/bihuan
COPY tools tools
RUN python -m tools.bootstrap packages && rm -rf /var/lib/apt/lists/*

FROM ground AS build
COPY requirements.txt ./
RUN python -m tools.bootstrap libraries
COPY . .
COPY --from=modules /srv/bihuan/node_modules node_modules
RUN python -m tools.bootstrap assets translations && rm -rf node_modules

FROM ground
ENV PATH=/srv/bihuan/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MODE=production \
    VAR_DIR=/var/lib/bihuan \
    HOME=/tmp
COPY --from=build /srv/bihuan /srv/bihuan
RUN useradd --system --uid 10001 --no-create-home bihuan \
    && install --directory --owner bihuan /var/lib/bihuan/files \
    && SECRET_KEY=build FIELD_KEY=build BLIND_KEY=build AUDIT_KEY=build \
       python manage.py collectstatic --no-input --verbosity 0
USER bihuan
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000"]
