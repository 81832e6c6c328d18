"""The service as a user runs it, with a token and over TLS: what it says is what it documents."""

import asyncio
import json
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families
from referencing import Registry, Resource

from realtime.client import Envelope, EventClient
from realtime.events.cloudevents import JsonValue
from realtime.events.messages import StreamEnd
from realtime.events.schema import load_document
from realtime.service.tls import Certificate
from tests.integration.live_runs import command, fes_live
from tests.realtime.service.certificate_makers import (
    days_from_now,
    make_certificate,
    move_validity,
    needs_openssl,
)

WAIT_S = 240.0
TOKEN = "correct horse battery"  # noqa: S105 - opens a service of this test only
ASYNCAPI = load_document("asyncapi.json")
EVENTS = load_document("schemas/events.json")

pytestmark = needs_openssl


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def traffic(film: Path, certificate: Certificate) -> tuple[list[str], str]:
    """Every message of a run, and its metrics near the end."""
    process = subprocess.Popen(
        [*command("--source", film, "--pace", "--port", "0", "--token", TOKEN),
         "--tls-cert", str(certificate.chain), "--tls-key", str(certificate.key)],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        line = next(line for line in process.stderr if line.startswith("dashboard: "))
        return asyncio.run(follow(line.split()[1], certificate))
    finally:
        process.kill()
        process.communicate()


async def follow(url: str, certificate: Certificate) -> tuple[list[str], str]:
    texts, page = [], ""
    client = EventClient(url, token=TOKEN, since=0, authority=certificate.chain)
    async with asyncio.timeout(WAIT_S):
        async for item in client:
            assert isinstance(item, Envelope)
            texts.append(item.text)
            if item.type == "fes.expression.new":
                page = await asyncio.to_thread(metrics, url, certificate)
            if isinstance(item.data, StreamEnd):
                return texts, page
    raise AssertionError("there was no end")


def metrics(url: str, certificate: Certificate) -> str:
    request = urllib.request.Request(url + "metrics")  # noqa: S310
    request.add_header("Authorization", f"Bearer {TOKEN}")
    trust = ssl.create_default_context(cafile=certificate.chain)
    with urllib.request.urlopen(request, context=trust) as answer:  # noqa: S310
        return str(answer.read().decode())


def described() -> Iterator[tuple[str, Draft202012Validator]]:
    """The messages that the AsyncAPI document lets the service send, with their schemas."""
    registry = Registry().with_resource("schemas/events.json", Resource.from_contents(EVENTS))
    operation = dig(ASYNCAPI, "operations", "publish", "messages")
    assert isinstance(operation, list)
    for reference in operation:
        channel = resolve(reference)
        found = resolve(channel)
        name, payload = dig(found, "name"), dig(found, "payload")
        assert isinstance(name, str)
        assert isinstance(payload, dict)
        yield name, Draft202012Validator(payload, registry=registry)


def dig(value: JsonValue, *path: str) -> JsonValue:
    for step in path:
        assert isinstance(value, dict)
        value = value[step]
    return value


def resolve(reference: JsonValue) -> JsonValue:
    target = dig(reference, "$ref")
    assert isinstance(target, str)
    return dig(ASYNCAPI, *target.removeprefix("#/").split("/"))


def test_every_message_of_a_run_satisfies_the_json_schema(traffic: tuple[list[str], str]) -> None:
    checker = Draft202012Validator(EVENTS, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for text in traffic[0]:
        checker.validate(json.loads(text))


def test_every_message_of_a_run_is_one_that_the_asyncapi_document_describes(
    traffic: tuple[list[str], str],
) -> None:
    messages = dict(described())
    for text in traffic[0]:
        document = json.loads(text)
        names = [name for name in messages if document["type"].startswith(name)]
        assert names, document["type"]
        messages[max(names, key=len)].validate(document)


def test_a_run_has_the_types_that_a_person_in_view_brings(traffic: tuple[list[str], str]) -> None:
    types = {json.loads(text)["type"] for text in traffic[0]}
    wanted = {"hello", "snapshot", "telemetry", "face.found", "expression.new", "expression.end"}
    assert types >= {f"fes.{name}" for name in (*wanted, "stream.end")}


def test_its_events_are_whole(traffic: tuple[list[str], str]) -> None:
    numbers = [json.loads(text).get("sequence") for text in traffic[0]]
    numbers = [number for number in numbers if number is not None]
    assert numbers == list(range(1, len(numbers) + 1))


def test_its_metrics_follow_the_frames(traffic: tuple[list[str], str]) -> None:
    samples = {
        (sample.name, sample.labels.get("stage")): sample.value
        for family in text_string_to_metric_families(traffic[1])
        for sample in family.samples
        if sample.name.endswith(("_count", "_total"))
    }
    frames = samples["fes_frames_total", None]
    assert 17 <= frames <= 85
    assert samples["fes_stage_duration_seconds_count", "total"] == frames
    for stage in ("wait", "faces", "flow", "model"):
        assert 0 < samples["fes_stage_duration_seconds_count", stage] <= frames + 8


def test_a_certificate_that_expired_ends_the_program_with_one_line_and_code_2(
    film: Path, tmp_path: Path
) -> None:
    old = make_certificate(tmp_path)
    move_validity(old.chain, days_from_now(-30), days_from_now(-1))
    options = ("--source", film, "--port", "0", "--tls-cert", old.chain, "--tls-key", old.key)
    done = fes_live(*options)
    assert done.returncode == 2
    assert f"expired on {days_from_now(-1):%Y-%m-%d}" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    lone = fes_live("--source", film, "--port", "0", "--tls-cert", old.chain)
    assert lone.returncode == 2
    assert "TLS needs both" in lone.stderr
