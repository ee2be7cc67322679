"""The container files: no engine runs them here, so what they promise is read out of them."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DB = COMPOSE["services"]["db"]
APP = COMPOSE["services"]["app"]
OURS = re.compile(r"WANGGE_[A-Z_]+")


def test_it_works():
    assert set(COMPOSE["services"]) == {"db", "app"}
    assert APP["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert APP["environment"]["WANGGE_DATABASE_URL"].endswith("@db:5432/" + DB["environment"]["POSTGRES_DB"])


@pytest.mark.parametrize("place", [DB["environment"]["POSTGRES_PASSWORD"], APP["environment"]["PGPASSWORD"]])
def test_the_password_must_be_given_and_has_no_default(place):
    assert re.fullmatch(r"\$\{WANGGE_DB_PASSWORD:\?[^}]+\}", place)


def test_no_password_is_written_down():
    assert not re.search(r"://[^/@\s]*:[^/@\s]+@", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert not re.search(r"PASSWORD|SECRET", DOCKERFILE)


def test_the_database_is_not_published():
    assert "ports" not in DB


def test_the_application_is_published_on_this_machine_only_unless_told_otherwise():
    assert APP["ports"] == ["${WANGGE_BIND:-127.0.0.1}:${WANGGE_PORT:-8000}:8000"]


def test_every_image_has_an_exact_version():
    images = [DB["image"], *re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)]
    assert len(images) == 3
    assert [image for image in images if not re.search(r":\d+(\.\d+)*-[\w.-]+$", image)] == []


def test_the_database_can_read_chinese_and_checks_its_pages():
    assert DB["environment"]["POSTGRES_INITDB_ARGS"].split() == [
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
    ]


def test_each_service_keeps_its_data_in_a_volume():
    kept = {volume.split(":")[0] for service in (DB, APP) for volume in service["volumes"]}
    assert kept == set(COMPOSE["volumes"])
    assert f"{APP['volumes'][0].split(':')[1]}" == APP["environment"]["WANGGE_DATA"]


def test_each_service_is_watched():
    assert DB["healthcheck"]["test"][1] == "pg_isready"
    assert re.search(r"^HEALTHCHECK .*\n.*/readyz", DOCKERFILE, re.M)


def test_the_application_does_not_run_as_root():
    assert re.findall(r"^USER (\w+)", DOCKERFILE, re.M) == ["wangge"]
    assert "no-new-privileges:true" in APP["security_opt"]


def test_the_schema_is_brought_up_to_date_before_serving():
    assert re.search(r"wangge db upgrade && exec wangge serve --host 0\.0\.0\.0", DOCKERFILE)


@pytest.mark.parametrize("package", ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk"])
def test_posters_find_what_they_are_printed_with(package):
    assert re.search(rf"apt-get install -y --no-install-recommends .*{re.escape(package)}", DOCKERFILE)


def test_the_installation_is_pinned():
    assert "-c /tmp/constraints.txt" in DOCKERFILE


@pytest.mark.parametrize("name", sorted(name for name in APP["environment"] if OURS.fullmatch(name)))
def test_the_program_reads_the_variables_it_is_given(name):
    sources = [path for top in ("geodata", "webmap") for path in (ROOT / top).rglob("*.py")]
    assert any(name in path.read_text(encoding="utf-8") for path in sources)


@pytest.mark.parametrize("name", sorted(set(OURS.findall(str(COMPOSE)))))
def test_every_variable_is_explained(name):
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(name in page.read_text(encoding="utf-8") for page in pages)
