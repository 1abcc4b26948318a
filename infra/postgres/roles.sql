-- The two roles and the database of the product, for any PostgreSQL 16 or later.
--
-- Run once by an administrator, and again whenever the passwords change:
--
--     SAFEGUARD_OWNER_PASSWORD=… SAFEGUARD_APP_PASSWORD=… psql -X -f infra/postgres/roles.sql "$POSTGRES_ADMIN_URL"
--
-- The passwords come from the environment, because arguments of a process can be read by its neighbours.
\set ON_ERROR_STOP on
\getenv owner_password SAFEGUARD_OWNER_PASSWORD
\getenv app_password SAFEGUARD_APP_PASSWORD

-- Owns the database and runs the migrations. Row-level security binds it too, since tables are FORCEd.
select 'create role safeguard_owner'
where not exists (select from pg_roles where rolname = 'safeguard_owner') \gexec
alter role safeguard_owner with login nosuperuser nocreaterole nocreatedb noreplication nobypassrls
    password :'owner_password';

-- What the API, the workers and the scheduler are. Owns nothing; migrations grant it each table by name.
select 'create role safeguard_app'
where not exists (select from pg_roles where rolname = 'safeguard_app') \gexec
alter role safeguard_app with login nosuperuser nocreaterole nocreatedb noreplication nobypassrls
    password :'app_password';

select 'create database safeguard owner safeguard_owner'
where not exists (select from pg_database where datname = 'safeguard') \gexec
revoke all on database safeguard from public;
grant connect on database safeguard to safeguard_app;

\connect safeguard
revoke create on schema public from public;
