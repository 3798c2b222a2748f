"""Build the wheel, install it outside the checkout, and see that it carries all it needs.

`python -m tests.wheel`; the dependencies are lent from the environment that runs it.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
from helpdesk.app import create_app
from helpdesk.config import load
import helpdesk, pathlib
assert "site-packages" in helpdesk.__file__, helpdesk.__file__
app = create_app(load())
page = app.test_client().get("/sign-in")
assert page.status_code == 200, page.status
style = app.test_client().get("/static/css/tokens.css")
assert style.status_code == 200, style.status
japanese = app.test_client().get("/sign-in", headers={"Accept-Language": "ja"})
assert "サインイン" in japanese.text
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(Path(folder))
        check_top_level(wheel)
        python = install(wheel, Path(folder) / "venv")
        elsewhere = Path(folder) / "elsewhere"
        elsewhere.mkdir()
        env = {**os.environ, "HELPDESK_HOME": str(elsewhere / "var")}
        subprocess.run(
            [python, "-m", "helpdesk", "init", "--email", "a@example.org"], check=True, cwd=elsewhere, env=env
        )
        subprocess.run([python, "-c", PROGRAM], check=True, cwd=elsewhere, env=env)
    print("the wheel holds all it needs")


def build(folder: Path) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.whl"))


def check_top_level(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    strays = {name for name in names if not name.endswith(".dist-info")} - {"helpdesk", "knowledge_base"}
    assert not strays, f"the wheel would litter site-packages with {strays}"


def install(wheel: Path, folder: Path) -> str:
    venv.create(folder, with_pip=False)
    site = next((folder / "lib").glob("python*")) / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"])
    return str(folder / "bin" / "python")


if __name__ == "__main__":
    main()
