"""Whose film it is, by the name of its file."""

from __future__ import annotations

import pytest

from subjects.finding import Found, Person, by_file_name

PEOPLE = [
    Person(1, "Mara Lindqvist", "mara.l@example.com"),
    Person(2, "Jörg Müller", "jm@example.com"),
    Person(3, "Jana Müller", ""),
    Person(4, "Runner 07", ""),
    Person(5, "Runner 17", "quickfox@example.com"),
    Person(6, "山田 太郎", ""),
    Person(7, "Ana María Núñez Peña", ""),
]


@pytest.mark.parametrize(
    ("file_name", "sure"),
    [
        ("Mara Lindqvist.mp4", 1),
        ("lindqvist_mara_side_2026-11-22.MOV", 1),
        ("MaraLindqvist-back.mp4", 1),
        ("maralindqvist1.mp4", 1),
        ("2026 LINDQVIST, Mara (2).mp4", 1),
        ("mara.l.mp4", 1),
        ("joerg-mueller.mp4", 2),
        ("Jorg Muller.mp4", 2),
        ("Müller Jana.webm", 3),
        ("runner07.mp4", 4),
        ("Runner_07_side.mp4", 4),
        ("quickfox treadmill.mp4", 5),
        ("山田 太郎.mp4", 6),
        ("Ana Maria Nunez Pena.mp4", 7),
    ],
)
def test_a_whole_name_or_address_is_sure(file_name, sure):
    assert by_file_name(file_name, PEOPLE).sure == sure


@pytest.mark.parametrize(
    ("file_name", "likely"),
    [
        ("mueller_1.mp4", [2, 3]),
        ("Müller J.mp4", [2, 3]),
        ("Mara_side.mp4", [1]),
        ("lindqvist m.mp4", [1]),
        ("nunez.mp4", [7]),
        ("IMG_0007.mp4", []),
        ("2026-11-17.mp4", []),
        ("PXL_20261122_140207.mp4", []),
        ("film.mp4", []),
    ],
)
def test_a_part_of_a_name_only_suggests(file_name, likely):
    assert by_file_name(file_name, PEOPLE) == Found(None, likely)


def test_two_runners_of_one_name_are_offered_and_not_guessed_between():
    twins = [Person(1, "Jane Doe", ""), Person(2, "Doe Jane", "")]
    assert by_file_name("jane doe.mp4", twins) == Found(None, [1, 2])


def test_an_address_that_is_the_first_name_alone_is_not_sure():
    namesakes = [Person(1, "Jane Doe", "jane@example.com"), Person(2, "Jane Roe", "")]
    assert by_file_name("jane.mp4", namesakes) == Found(None, [1, 2])
