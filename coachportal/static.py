"""Static files under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class NamedByContent(CompressedManifestStaticFilesStorage):
    """Also what one script imports from another is found under its new name."""

    support_js_module_import_aggregation = True
