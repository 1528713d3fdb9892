"""docker-compose.yml: a valid file whose services start and become healthy.

There may be no Docker where this runs. The commands and health checks are taken from the file
and run against a private PostgreSQL and Redis; only names of hosts and folders are exchanged.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pdfplumber
import psycopg
import pytest
import yaml

from tests.deploy.compose import FILE, Host, Service, read
from tools.bootstrap import PASSWORDS, SECRETS
from tools.services import free_port, postgres, redis
from tools.terminal import ROOT

SETTINGS = {
    "BASE_URL": "https://bihuan.example",
    "EMAIL_URL": "smtp+tls://sender@mail.example:587",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    """The services of the file, with what an operator has to say."""
    return read(SETTINGS)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, services: dict[str, Service]) -> Iterator[Host]:
    """A machine with the secrets, both stores, the roles and the migrated tables."""
    folder = tmp_path_factory.mktemp("containers")
    with postgres() as database_url, redis() as redis_url:
        owner = urlsplit(database_url)
        draw_secrets(folder, owner_password=str(owner.password))
        (folder / "var" / "files").mkdir(parents=True)
        web, broker = f":{free_port()}", f"{free_port()}"
        host = Host(
            {
                "/run/secrets": str(folder / "secrets"),
                "/var/lib/bihuan": str(folder / "var"),
                "/tmp/beat": str(folder / "beat"),
                "@db:5432/": f"@{owner.hostname}:{owner.port}/",
                "--port=5432": f"--port={owner.port}",
                "redis://redis:6379/0": redis_url,
                "6379": broker,
                ":8000": web,
            }
        )
        make_roles(host, services["db"], database_url)
        code, said = host.run(services["migrate"], services["migrate"].command)
        assert code == 0, said
        yield host


def draw_secrets(folder: Path, owner_password: str) -> None:
    """Write the files that Docker would show under /run/secrets."""
    (folder / "secrets").mkdir()
    for name in (*SECRETS, *PASSWORDS, "mail_password"):
        (folder / "secrets" / name).write_text(
            f"{name}-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF\n"
        )
    (folder / "secrets" / "database_owner_password").write_text(owner_password)


def make_roles(host: Host, db: Service, database_url: str) -> None:
    """Run the script that the database's container runs in its empty cluster."""
    owner = urlsplit(database_url)
    login = {"PGHOST": str(owner.hostname), "PGPORT": str(owner.port)}
    subprocess.run(
        [ROOT / "deploy" / "roles.sh"],
        env={**host.environment(db), **login, "PGPASSWORD": str(owner.password)},
        check=True,
    )


def test_the_file_keeps_to_the_schema_of_compose() -> None:
    tool = Path(sys.executable).parent / "check-jsonschema"
    schema = ["--builtin-schema", "vendor.compose-spec"]
    assert subprocess.run([tool, *schema, FILE]).returncode == 0


def test_every_lasting_service_has_a_health_check(services: dict[str, Service]) -> None:
    lasting = {name for name in services if name != "migrate"}
    assert {name for name, service in services.items() if service.check} == lasting


def test_the_file_asks_for_what_an_operator_must_say() -> None:
    with pytest.raises(KeyError, match="BASE_URL"):
        read({"EMAIL_URL": SETTINGS["EMAIL_URL"]})


@pytest.mark.parametrize("name", ["redis", "web", "worker", "beat"])
def test_a_service_becomes_healthy(
    name: str, services: dict[str, Service], host: Host, tmp_path: Path
) -> None:
    service, log = services[name], tmp_path / "log"
    assert not host.healthy(service), "the health check is content with nothing at all"
    with host.up(service, log) as group:
        host.becomes_healthy(service, group, log)
    assert not host.healthy(service) or name == "beat"  # its file stays fresh for three minutes


def test_the_database_is_healthy(services: dict[str, Service], host: Host) -> None:
    assert host.healthy(services["db"])
    nowhere = Host({**host.places, "--port=5432": f"--port={free_port()}"})
    assert not nowhere.healthy(services["db"])


def test_web_says_whether_it_is_ready(
    services: dict[str, Service], host: Host, tmp_path: Path
) -> None:
    """With its database gone it lives, but is not ready, and the health check says so."""
    gone = f"@127.0.0.1:{free_port()}/"
    lost = Host({**host.places, "@db:5432/": gone})
    service, log = services["web"], tmp_path / "log"
    live, ready = [part for part in service.check if part.startswith("http")]
    alone = [part for part in service.check if part != ready]
    with lost.up(service, log) as group:
        lost.becomes_healthy(
            Service("web", service.environment, service.command, alone), group, log
        )
        assert not lost.healthy(service)
    assert live.endswith("/livez")
    assert ready.endswith("/readyz")


def test_the_application_can_write_rows_but_not_empty_tables(
    services: dict[str, Service], host: Host
) -> None:
    web = host.environment(services["web"])
    password = Path(web["DATABASE_PASSWORD_FILE"]).read_text().strip()
    with psycopg.connect(web["DATABASE_URL"], password=password, autocommit=True) as connection:
        owned = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = 'bihuan'"
        ).fetchone()
        assert owned is not None
        assert owned[0] > 0
        may = connection.execute(
            "SELECT bool_and(has_table_privilege(quote_ident(tablename), 'SELECT, INSERT')),"
            " bool_or(has_table_privilege(quote_ident(tablename), 'TRUNCATE'))"
            " FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
        assert may == (True, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("TRUNCATE django_migrations")


def test_the_settings_of_production_pass_the_deployment_check(
    services: dict[str, Service], host: Host
) -> None:
    check = ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    code, said = host.run(services["web"], check)
    assert code == 0, said


def test_the_deployment_check_refuses_a_moved_clock(
    services: dict[str, Service], host: Host
) -> None:
    web = services["web"]
    moved = Service("web", {**web.environment, "CLOCK_OFFSET": "3600"}, web.command, web.check)
    code, said = host.run(moved, ["python", "manage.py", "check", "--deploy"])
    assert code != 0, said
    assert "CLOCK_OFFSET" in said


def test_the_front_end_files_can_be_collected(services: dict[str, Service], host: Host) -> None:
    """With what the image knows while it is made, every file that a style sheet names is there,
    or the manifest storage refuses.

    Packing the large files of the API's browser takes half a minute and is left out.
    """
    line = next(line for line in dockerfile() if "collectstatic" in line)
    given, _, command = line.rpartition("&& ")[2].partition("python ")
    known = dict(variable.split("=") for variable in given.split())
    image = Service("image", {"MODE": "production", **known}, [], [])
    collect = ["python", *command.split()]
    collect += ["--ignore=drf_spectacular_sidecar", "--ignore=rest_framework"]
    code, said = host.run(image, collect)
    assert code == 0, said
    assert any((Path(host.here("/var/lib/bihuan")) / "static").glob("tabler.min.*.css"))


def test_beat_sends_one_tick_a_minute(services: dict[str, Service], host: Host) -> None:
    ask = (
        "from config.celery import app;"
        "print([entry['schedule'] for entry in app.conf.beat_schedule.values()])"
    )
    code, said = host.run(services["beat"], ["python", "-c", ask])
    assert (code, said.strip()) == (0, "[60.0]")


def dockerfile() -> list[str]:
    """The instructions of the image, each in one line."""
    return re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8")).splitlines()


def test_the_image_runs_as_somebody_who_may_nothing() -> None:
    """The last stage ends as a user of its own, and no service makes itself root again."""
    lines = [line for line in dockerfile() if line and not line.startswith("#")]
    last = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM ")) :]
    user = next(n for n, line in enumerate(last) if line.startswith("USER "))
    assert last[user] == "USER bihuan"
    assert any("useradd" in line and "--uid 10001" in line for line in last[:user])
    assert not [line for line in last[user + 1 :] if line.startswith(("RUN", "USER", "COPY"))]
    document = yaml.safe_load(FILE.read_text("utf-8"))
    ours = [body for body in document["services"].values() if "build" in body]
    assert len(ours) == 4
    for body in ours:
        assert "user" not in body
        assert (body["read_only"], body["cap_drop"], body["init"]) == (True, ["ALL"], True)
        assert body["security_opt"] == ["no-new-privileges:true"]


def test_a_worker_makes_papers_with_their_fonts(
    services: dict[str, Service], host: Host, tmp_path: Path
) -> None:
    """What the image installs for PDF files is enough: fonts are there, and only their letters."""
    code = (
        "import sys, django; django.setup()\n"
        "from pathlib import Path; from core.papers import render_pdf\n"
        "made = render_pdf('papers/sheet.html', {}, title='闭环')\n"
        "Path(sys.argv[1]).write_bytes(made)"
    )
    worker = services["worker"]
    settings = {**worker.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    paper = tmp_path / "paper.pdf"
    done, said = host.run(Service("worker", settings, [], []), ["python", "-c", code, str(paper)])
    assert done == 0, said
    with pdfplumber.open(paper) as pdf:
        fonts = {sign["fontname"].partition("+")[2] for sign in pdf.pages[0].chars}
    assert fonts == {"Noto-Sans-CJK-SC"}
    assert paper.stat().st_size < 1_000_000


def test_the_image_installs_what_the_environment_installs() -> None:
    """The image is made by steps that the set-up knows, from files that exist."""
    known = (ROOT / "tools" / "bootstrap.py").read_text("utf-8")
    lines = dockerfile()
    steps = [
        word
        for line in lines
        if "tools.bootstrap " in line
        for word in line.split("tools.bootstrap ")[1].split(" && ")[0].split()
    ]
    assert set(steps) == {"packages", "libraries", "assets", "translations"}
    assert all(f'"{step}": ' in known for step in steps)
    copied = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert copied
    assert all((ROOT / source).exists() for source in copied)


def test_nothing_of_this_process_reaches_the_services(
    services: dict[str, Service], host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control: were our own variables handed on, the tests above would prove nothing."""
    monkeypatch.setitem(os.environ, "SECRET_KEY", "ours")
    assert "SECRET_KEY" not in host.environment(services["web"])
