"""Reading ahead keeps the order, passes errors on, and stops when nobody reads any more."""

import threading

import pytest

from engine.ahead import ahead


def test_items_come_in_order_and_each_is_shown_in_the_thread_first():
    seen = []
    assert list(ahead(range(20), 3, lambda item: seen.append((item, threading.current_thread().name)))) == [*range(20)]
    assert seen == [(item, "ahead") for item in range(20)]


def test_no_more_than_the_depth_is_made_in_advance():
    made = []

    def items():
        for item in range(50):
            made.append(item)
            yield item

    reader = ahead(items(), 3)
    assert next(reader) == 0
    assert len(made) <= 6  # the one read, three waiting, one in hand, one just made
    reader.close()


def test_an_error_while_making_arrives_where_its_item_would():
    def items():
        yield 1
        raise OSError("the film ends here")

    reader = ahead(items(), 3)
    assert next(reader) == 1
    with pytest.raises(OSError, match="the film ends here"):
        next(reader)


def test_an_early_end_of_reading_ends_the_thread():
    before = threading.active_count()
    reader = ahead(range(1000), 2)
    assert next(reader) == 0
    reader.close()
    assert threading.active_count() == before
