"""The order of the tests: folders of short files come last, so that no worker is left alone with a
long one."""

SHORT = {"notebooks", "peers", "widgets"}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.parent.name in SHORT)
