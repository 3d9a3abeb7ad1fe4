"""The files around the code agree with each other, and none of them names a machine."""

from __future__ import annotations

import ast
import importlib.metadata as metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement

import cxlab

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
REQUIRED = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = [
    Requirement(line) for extra in PROJECT["optional-dependencies"].values() for line in extra
]
LOCK_LINE = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[\w.]+)( ; (?P<marker>.+))?$")

# Started, not imported: the tool a researcher opens, and the kernel it talks to.
STARTED = {"jupyterlab", "ipykernel"}
# What a library is called when it is imported, where that is not its name.
IMPORTED_AS = {
    "sklearn": "scikit-learn",
    "lingua": "lingua-language-detector",
    "IPython": "ipython",
}
# Imported only where somebody asked for it, and installed by an extra.
OPTIONAL = {"distributed"}
# conda-forge has only an older version.
BY_PIP = {"lingua-language-detector"}
# Written apart, so that this file does not contain what it looks for.
UNWANTED = [
    b"".join(parts)
    for parts in [
        (b"py", b"pi.org"),
        (b"python", b"hosted.org"),
        (b"registry", b".npmjs"),
        (b"conda", b".anaconda.org"),
        (b"--index", b"-url"),
        (b"--find", b"-links"),
        (b"/ro", b"ot/"),
        (b"/wo", b"rk/"),
        (b"/op", b"t/"),
        (b"/ho", b"me/"),
        (b".py", b"env"),
    ]
]


def committed() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> list[re.Match[str]]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    matches = [LOCK_LINE.match(line) for line in lines]
    assert None not in matches, "every line of the lock is name==version"
    return [match for match in matches if match]


def locked_here() -> dict[str, str]:
    """The exact version of every package the lock wants on this Python and system."""
    return {
        line["name"]: line["version"]
        for line in locked()
        if line["marker"] is None or Marker(line["marker"]).evaluate()
    }


def test_no_committed_file_names_a_registry_or_a_machine() -> None:
    named = {
        (path.relative_to(ROOT).as_posix(), word.decode())
        for path in committed()
        for content in [path.read_bytes()]
        for word in UNWANTED
        if word in content
    }
    assert named == set()


def test_conda_users_get_the_same_ranges() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, last = environment["dependencies"]
    ranges = {r.name: str(r.specifier) for r in REQUIRED if r.name not in BY_PIP}
    expected = {"python": PROJECT["requires-python"]} | ranges
    found = [Requirement(line) for line in conda if line != "pip"]
    assert {canonical(r.name): r.specifier for r in found} == {
        canonical(name): Requirement(f"{name}{ranges}").specifier
        for name, ranges in expected.items()
    }
    assert last == {"pip": ["-e ."]}, "by pip comes cxlab itself, and what it brings along"


@pytest.mark.parametrize("requirement", [*REQUIRED, *EXTRAS], ids=str)
def test_the_lock_has_a_version_in_every_range(requirement: Requirement) -> None:
    versions = [m["version"] for m in locked() if m["name"] == canonical(requirement.name)]
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_the_lock_has_one_major_version_for_every_python() -> None:
    majors: dict[str, set[str]] = {}
    for line in locked():
        majors.setdefault(line["name"], set()).add(line["version"].split(".")[0])
    ours = {canonical(r.name) for r in [*REQUIRED, *EXTRAS]}
    assert {name: majors[name] for name in ours if len(majors[name]) > 1} == {}


@pytest.mark.skipif(Path(sys.prefix) != ROOT / ".venv", reason="not run by make in .venv")
def test_the_environment_holds_what_the_lock_says() -> None:
    wanted = locked_here()
    installed = {canonical(d.metadata["Name"]): d.version for d in metadata.distributions()}
    ours = {name: v for name, v in installed.items() if name not in {"cxlab", "pip", "setuptools"}}
    assert ours == {name: wanted.get(name, "nothing") for name in ours}


def test_every_library_imported_is_declared_and_the_other_way_round() -> None:
    imports = {
        name.split(".")[0]
        for path in (ROOT / "cxlab").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    libraries = imports - set(sys.stdlib_module_names) - {"cxlab", ""}
    foreign = {canonical(IMPORTED_AS.get(name, name)) for name in libraries}
    assert foreign - OPTIONAL == {canonical(r.name) for r in REQUIRED} - STARTED
    assert {canonical(r.name) for r in EXTRAS} >= OPTIONAL


def test_make_alone_prints_every_target_and_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    shown = subprocess.run(
        ["make", "--no-print-directory"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony
    steps = {"run-ready", "test-ready", "chromium", "postgres"}
    listed = dict(re.findall(r"^  ([a-z]+) +(\S.*)$", shown, re.M))
    assert set(listed) == set(phony[1].split()) - steps
    assert {"report", "test", "lab", "demo", "lint", "bench", "clean"} <= set(listed)


def test_continuous_integration_runs_what_the_readme_says() -> None:
    commands = [
        line
        for line in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["make test"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make test" in readme
    assert "make report" in readme


@pytest.mark.parametrize(
    "path",
    [
        *("cxlab/errors.py", "cxlab/codebook.py", "cxlab/study.py", "cxlab/load/intake.py"),
        *("cxlab/stats", "cxlab/metrics", "cxlab/guard", "cxlab/plots", "cxlab/report"),
        *("cxlab/demo", "cxlab/cli.py", "notebooks/reports", "notebooks/explore"),
        *("data/demo/study.toml", "data/README.md", "tests/cases", "tests/golden"),
        *("LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "environment.yml"),
    ],
)
def test_everything_is_where_the_design_puts_it(path: str) -> None:
    here = ROOT / path
    assert here.exists() or here.with_suffix(".py").exists()


def test_the_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(cxlab.__version__)}\b", changelog, re.M)


def test_the_supported_pythons_are_the_same_everywhere() -> None:
    prefix = "Programming Language :: Python :: "
    minors = [int(c.removeprefix(prefix + "3.")) for c in PROJECT["classifiers"] if prefix in c]
    first, last = min(minors), max(minors)
    assert PROJECT["requires-python"] == f">=3.{first},<3.{last + 1}"
    setup = (ROOT / "scripts/setup.sh").read_text(encoding="utf-8")
    assert f"(3, {first}) <= sys.version_info[:2] < (3, {last + 1})" in setup


def test_the_kernel_is_this_python_whatever_else_the_machine_has(tmp_path: Path) -> None:
    decoy = tmp_path / ".local/share/jupyter/kernels/python3"
    decoy.mkdir(parents=True)
    (decoy / "kernel.json").write_text('{"argv": ["false"], "display_name": "x"}', encoding="utf-8")
    show = (
        "from jupyter_client.kernelspec import KernelSpecManager as M;"
        "print(M().get_kernel_spec('python3').resource_dir)"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
    environment |= {"HOME": str(tmp_path), "JUPYTER_PREFER_ENV_PATH": "1"}
    found = subprocess.run(
        [sys.executable, "-c", show], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(sys.prefix)
