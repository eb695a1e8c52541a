"""Static files under names that change with their content."""

from functools import cache
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class NamedByContent(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # it brings no types
    """Also what one script of ours imports from another is found under its new name."""

    support_js_module_import_aggregation = True
    # Only in js/: scripts of libraries import by names that a bundler would resolve.
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Every page asks for the same dozen, and none changes for as long as the process lives.
        self.url: Any = cache(super().url)
