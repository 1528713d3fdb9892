"""A file by the API: handed in, previewed, mended, written; and jobs and drafts of one's own."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from core.choices import JobState
from core.jobs import enqueue, run_due
from core.models import ImportRun, Job
from customers.models import Customer
from tests.api.conftest import Api, ApiOf
from tests.cast import Cast
from tests.conftest import StoryClock

CSV = (
    "集团编码,集团名称,客户等级,客户经理工号,关键联络人,联系电话\n"
    "G0100,新客户有限公司,B,200004,秦岚,13700001234\n"
    "G0101,缺等级公司,,200004,秦岚,13700001235\n"
)


def handed_in(client: Api, content: bytes, name: str = "集团.csv", table: str = "groups") -> Any:
    return client.client.post(
        "/api/v1/imports/",
        {"table": table, "file": SimpleUploadedFile(name, content)},
        headers=client.headers,
    )


def test_a_file_from_upload_to_rows(api_of: ApiOf, cast: Cast, clock: StoryClock) -> None:
    client = api_of("周建平")
    assert "groups" in [one["key"] for one in client.get("import-tables/").json()["tables"]]
    run = handed_in(client, CSV.encode())
    assert (run.status_code, run.json()["state"]) == (201, "reading")
    path = f"imports/{run.json()['id']}/"
    run_due(clock.now())
    preview = client.get(path)
    assert preview.json()["state"] == "preview", preview.json()["message"]
    counts = preview.json()["counts"]
    assert (counts["new"], counts["wrong"]) == (1, 1)
    rows = client.get(f"{path}rows/").json()["items"]
    assert [(row["number"], row["outcome"]) for row in rows] == [(2, "new"), (3, "wrong")]
    assert "13700001234" not in client.get(f"{path}rows/").content.decode()
    wrong = client.post(f"{path}columns/", {"columns": {"Z": "code"}}, If_Match=preview["ETag"])
    assert [one["pointer"] for one in wrong.json()["errors"]] == ["/columns/Z"]
    marked = client.get(f"{path}file/", Accept="*/*")
    assert (marked.status_code, marked.content[:2]) == (200, b"PK")
    assert client.post(f"{path}write/").status_code == 428
    written = client.post(f"{path}write/", If_Match=preview["ETag"])
    assert (written.status_code, written.json()["state"]) == (200, "writing")
    run_due(clock.now())
    assert client.get(path).json()["state"] == "written"
    assert Customer.objects.get(code="G0100").manager == cast["林晓岚"]
    stale = client.post(f"{path}discard/", If_Match=preview["ETag"])
    assert (stale.status_code, stale.json()["current"]["state"]) == (412, "written")


def test_an_import_is_the_owners_alone(api_of: ApiOf, clock: StoryClock) -> None:
    run = handed_in(api_of("周建平"), CSV.encode()).json()
    boss = api_of("赵国梁")
    assert boss.get(f"imports/{run['id']}/").status_code == 404
    assert boss.get(f"imports/{run['id']}/rows/").status_code == 404
    file_id = ImportRun.objects.get().file_id
    assert boss.get(f"files/{file_id}/").status_code == 404
    assert api_of("韩静").get(f"files/{file_id}/content/").status_code == 404
    assert api_of("周建平").get(f"files/{file_id}/content/").content == CSV.encode()


def test_who_may_hand_in_what(api_of: ApiOf) -> None:
    assert handed_in(api_of("林晓岚"), CSV.encode()).status_code == 403
    assert handed_in(api_of("周建平", "read", "write"), CSV.encode()).status_code == 403
    empty = handed_in(api_of("周建平"), b"")
    assert (empty.status_code, empty.json()["errors"][0]["pointer"]) == (422, "/file")
    other = handed_in(api_of("周建平"), CSV.encode(), table="moons")
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/table")
    assert api_of("周建平").post("imports/", {"table": "groups"}).status_code == 415


def test_what_is_no_table_says_so(api_of: ApiOf, clock: StoryClock) -> None:
    client = api_of("周建平")
    run = handed_in(client, b"PK\x03\x04 and nothing else", "story.xlsx").json()
    run_due(clock.now())
    failed = client.get(f"imports/{run['id']}/").json()
    assert (failed["state"], failed["message"] == "") == ("failed", False)


def test_jobs_are_the_owners_to_watch_and_stop(
    api_of: ApiOf, cast: Cast, clock: StoryClock
) -> None:
    enqueue(kind="core.deliver", key="x", at=clock.moment, owner_id=cast["林晓岚"].pk)
    job = Job.objects.get()
    client = api_of("林晓岚")
    assert [one["id"] for one in client.get("jobs/").json()["items"]] == [job.pk]
    assert api_of("陈嘉怡").post(f"jobs/{job.pk}/cancel/").status_code == 404
    assert client.post(f"jobs/{job.pk}/cancel/").json()["is_cancelled"] is True
    run_due(clock.now())
    assert client.get(f"jobs/{job.pk}/").json()["state"] == JobState.DROPPED


def test_a_draft_is_guarded_against_a_second_window(api_of: ApiOf) -> None:
    client = api_of("林晓岚")
    empty = client.get("drafts/log-new/")
    assert empty.json() == {"key": "log-new", "version": 0, "saved_at": None, "body": {}}
    saved = client.put("drafts/log-new/", {"body": {"content": "电话"}}, If_Match=empty["ETag"])
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    other = client.put("drafts/log-new/", {"body": {}}, If_Match=empty["ETag"])
    assert (other.status_code, other.json()["current"]["body"]) == (412, {"content": "电话"})
    assert api_of("陈嘉怡").get("drafts/log-new/").json()["version"] == 0
    long = client.put("drafts/log-new/", {"body": {"a": "字" * 70000}}, If_Match=saved["ETag"])
    assert [one["pointer"] for one in long.json()["errors"]] == ["/body"]
    assert client.ask("DELETE", "drafts/log-new/", If_Match=empty["ETag"]).status_code == 412
    assert client.ask("DELETE", "drafts/log-new/", If_Match=saved["ETag"]).status_code == 204
    assert client.get("drafts/log-new/").json()["version"] == 0
