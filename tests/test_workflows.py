"""What runs on GitHub: few permissions, actions that cannot change, a weekly look at the newest releases."""

import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


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


def test_a_bot_looks_after_packages_and_actions():
    updates = load(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {each["package-ecosystem"] for each in updates} == {"pip", "github-actions"}
    assert all(each["schedule"]["interval"] == "weekly" for each in updates)


def test_actionlint_finds_nothing():
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("no actionlint on this machine (https://github.com/rhysd/actionlint)")
    done = subprocess.run([program, *map(str, FILES)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
