"""What a page loads carries the name of its content, and what that imports, too."""

import re

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage

from coachportal.static import NamedByContent

IMPORTED = re.compile(r"""(?:from|import)\s*["']([^"']+)["']""")


def test_a_script_imports_scripts_by_their_new_names(tmp_path):
    source = StaticFilesStorage(location=settings.BASE / "static", base_url="/static/")
    names = [f"js/{path.name}" for path in (settings.BASE / "static" / "js").glob("*.js")]
    target = NamedByContent(location=tmp_path, base_url="/static/")
    for name in names:
        with source.open(name) as script:
            target.save(name, script)
    list(target.post_process({name: (target, name) for name in names}))
    made = {target.hashed_files[name] for name in names}
    imported = {found for name in made for found in IMPORTED.findall((tmp_path / name).read_text())}
    assert imported, "the upload field imports a script"
    assert {f"js/{name.removeprefix('./')}" for name in imported} <= made
