#!/bin/sh
# Runs once, in the empty database, as its owner. Makes the role under which the application
# works: it reads and writes rows, but neither changes tables nor empties them (TRUNCATE).
set -eu

psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set password="$(cat "$APP_PASSWORD_FILE")" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE ROLE bihuan_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
GRANT USAGE ON SCHEMA public TO bihuan_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO bihuan_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO bihuan_app;
SQL
