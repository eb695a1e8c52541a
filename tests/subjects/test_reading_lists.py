"""Lists of runners as table programmes write them: letters, separators, headings in nine languages, odd cells."""

from __future__ import annotations

import pytest

from subjects.imports import NotATable, cells, columns
from subjects.imports.table import read_table
from subjects.names import key

GERMAN = "Name;Vorname;Geburtsdatum;Größe (cm);Gewicht\nMüller;Jörg;03.05.1990;182;75,5\nGroß;Änne;1.2.1985;168;60\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_letters_survive_whichever_way_the_file_was_saved(encoding):
    table = read_table(GERMAN.encode(encoding))
    assert table.rows[1] == ["Müller", "Jörg", "03.05.1990", "182", "75,5"]
    assert table.rows[2][:2] == ["Groß", "Änne"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp932", "氏名,生年,身長\n山田太郎,1990,172\n鈴木花子,1988,160\n"),
        ("gb18030", "姓名\t性别\t身高\n王伟\t男\t178\n李娜\t女\t165\n"),
        ("cp949", "이름,성별,키\n김민수,남,178\n이영희,여,165\n"),
    ],
)
def test_letters_of_east_asia_survive_the_old_code_pages(encoding, text):
    rows = read_table(text.encode(encoding)).rows
    assert rows == [line.split("\t" if "\t" in line else ",") for line in text.splitlines()]
    assert "name" in columns.guess(rows)[1]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_found(sign):
    text = "\n".join(sign.join(row) for row in (["Name", "Height"], ["A B", "1.72"], ["C D", "1.80"]))
    assert read_table(text.encode()).rows[2] == ["C D", "1.80"]


def test_a_decimal_comma_does_not_part_cells():
    assert read_table("Name;Größe\nA;1,72\nB;1,80\n".encode()).rows[1] == ["A", "1,72"]


def test_cells_in_quotes_keep_their_separators_and_lines():
    rows = read_table(b'Name,E-mail\n"Doe, Jane","jane@example.com"\n"Roe,\nJohn",\n').rows
    assert rows[1] == ["Doe, Jane", "jane@example.com"]
    assert rows[2] == ["Roe, John", ""]


def test_empty_lines_are_left_out_and_the_others_keep_their_numbers():
    table = read_table(b"Name\n\nA\n \n\nB\n")
    assert (table.rows, table.numbers) == ([["Name"], ["A"], ["B"]], [1, 3, 6])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty. Choose another one."),
        (b" \n,,\n", "The file is empty. Choose another one."),
        (b"a" * 5_000_001, "The file is larger than 5 MB. Split it and import the parts."),
        (b"PK\x03\x04 the rest", "This is a workbook. Save the sheet as CSV and choose that file."),
        (
            b"\x89PNG\r\n\0\0\0\rIHDR\xff\xfe\x81",
            "This file is not a table. Save the table as CSV and choose that file.",
        ),
        (b"," * 200, "The file is empty. Choose another one."),
        (b"a," * 200, "This file is not a table. Save the table as CSV and choose that file."),
        (b'"' + b"a" * 200_000, "This file is not a table. Save the table as CSV and choose that file."),
        (b"Name\n" + b"A\n" * 10_001, "The file has more than 10,000 lines. Split it and import the parts."),
    ],
)
def test_what_cannot_be_read_says_what_to_do(data, sentence):
    with pytest.raises(NotATable, match=rf"^{sentence}$"):
        read_table(data)


@pytest.mark.parametrize(
    "headings",
    [
        "Name,E-mail,Year of birth,Sex,Height (m),Weight (kg)",
        "Läufer,E-Mail-Adresse,Jahrgang,Geschlecht,Größe in m,Gewicht",
        "Nom complet,Courriel,Date de naissance,Sexe,Taille,Poids",
        "Nombre y apellidos,Correo electrónico,Año de nacimiento,Sexo,Estatura,Peso",
        "Nome completo,Email,Data de nascimento,Gênero,Altura,Peso",
        "Nominativo,Indirizzo e-mail,Data di nascita,Sesso,Altezza,Peso",
        "氏名,メールアドレス,生年月日,性別,身長,体重",
        "姓名,电子邮件,出生日期,性别,身高,体重",
        "이름,이메일,생년월일,성별,키,몸무게",
    ],
)
def test_headings_are_understood_in_nine_languages(headings):
    rows = [headings.split(","), ["A B", "a@example.com", "1990", "f", "1.72", "60"]]
    assert columns.guess(rows) == (True, ["name", "email", "birth", "sex", "height_m", "weight_kg"])


@pytest.mark.parametrize(
    ("headings", "meanings"),
    [
        (["Name", "Vorname"], ["last", "first"]),
        (["Prénom", "Nom"], ["first", "last"]),
        (["Nombre", "Apellidos"], ["first", "last"]),
        (["Cognome", "Nome"], ["last", "first"]),
        (["성", "이름"], ["last", "first"]),
        (["Name", "Name"], ["name", ""]),
        (["Name", "Shoe size"], ["name", ""]),
        (["Runner's weight in lbs", "Runner"], ["weight_lb", "name"]),
    ],
)
def test_a_heading_is_read_beside_the_others(headings, meanings):
    assert columns.guess([headings, ["x"] * len(headings)])[1] == meanings


def test_the_unit_of_heights_is_taken_from_heading_or_numbers():
    for heading, cell, meaning in (
        ("Height", "172", "height_cm"),
        ("Height", "1,72", "height_m"),
        ("Height cm", "", "height_cm"),
        ("Height (m)", "172", "height_m"),
    ):
        assert columns.guess([["Name", heading], ["A", cell]])[1][1] == meaning


def test_a_file_without_headings_is_told_by_its_cells():
    rows = [["1", "Jane Doe", "jane@example.com"], ["2", "John Roe", "john@example.com"]]
    assert columns.guess(rows) == (False, ["", "name", "email"])


@pytest.mark.parametrize(
    ("cell", "height_m"),
    [("1,72", 1.72), ("1.72 m", 1.72), ("172 cm", 1.72), ("172cm", 1.72), ("1m72", 1.72), ("5'10\"", 1.778)],
)
def test_heights_as_people_write_them(cell, height_m):
    assert cells.height_m(cell, centimetres=False) == pytest.approx(height_m)


@pytest.mark.parametrize(
    ("cell", "centimetres", "sentence"),
    [
        ("172", False, "Did you mean 1.72 m?"),
        ("1.72", True, "Did you mean 1.72 m?"),
        ("9", False, "A height is between 0.5 and 2.5 metres."),
        ("tall", False, "Type a number, such as 1.72."),
    ],
)
def test_an_odd_height_says_what_to_do(cell, centimetres, sentence):
    with pytest.raises(cells.Unreadable) as error:
        cells.height_m(cell, centimetres=centimetres)
    assert str(error.value) == sentence


def test_weights_in_kilograms_and_pounds():
    assert cells.weight_kg("75,5", pounds=False) == 75.5
    assert cells.weight_kg("75.5 kg", pounds=True) == 75.5
    assert cells.weight_kg("150", pounds=True) == pytest.approx(68.0)
    for cell, sentence in (
        ("7", "A weight is between 20 and 300 kilograms."),
        ("heavy", "Type a number, such as 68.5."),
    ):
        with pytest.raises(cells.Unreadable) as error:
            cells.weight_kg(cell, pounds=False)
        assert str(error.value) == sentence


@pytest.mark.parametrize(
    "cell", ["1990", "1990-05-03", "03.05.1990", "5/3/1990", "3 May 1990", "1990年5月3日", "1990.0", "19900503"]
)
def test_of_a_birthday_only_the_year_is_kept(cell):
    assert cells.birth_year(cell, 2026) == 1990


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("03.05.90", "Write the year of birth with four digits, as 1990."),
        ("1890", "A year of birth is between 1900 and 2026."),
        ("2027", "A year of birth is between 1900 and 2026."),
    ],
)
def test_an_odd_birthday_says_what_to_do(cell, sentence):
    with pytest.raises(cells.Unreadable) as error:
        cells.birth_year(cell, 2026)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("cell", "sex"),
    [
        *(("F", "female"), ("weiblich", "female"), ("w", "female"), ("Männlich", "male"), ("Femme", "female")),
        *(("hombre", "male"), ("男", "male"), ("여자", "female"), ("divers", "other"), ("non-binary", "other")),
    ],
)
def test_sexes_as_people_write_them(cell, sex):
    assert cells.sex(cell, m_is_woman=False) == sex


def test_a_space_that_holds_words_together_stays_between_them():
    assert cells.name("Anna\u00a0Maria \tRossi") == "Anna Maria Rossi"


def test_m_is_a_woman_beside_h():
    assert cells.m_is_woman(["H", "M", ""])
    assert not cells.m_is_woman(["F", "M"])
    assert cells.sex("M", m_is_woman=True) == "female"


@pytest.mark.parametrize(
    ("read", "cell", "sentence"),
    [
        (cells.name, " \u200b ", "This line has no name."),
        (cells.name, "a" * 121, "A name has 120 characters at most."),
        (cells.email, "jane at example", "“jane at example” is not an e-mail address."),
        (
            lambda cell: cells.sex(cell, m_is_woman=False),
            "yes",
            "Write the sex as female, male or other, or leave it empty.",
        ),
    ],
)
def test_other_odd_cells_say_what_to_do(read, cell, sentence):
    with pytest.raises(cells.Unreadable) as error:
        read(cell)
    assert str(error.value) == sentence


@pytest.mark.parametrize("other", ["Müller, Jörg", "Joerg Mueller", "MULLER Jorg", "jörg-müller"])
def test_spellings_of_one_name_are_one(other):
    assert key(other) == key("Jörg Müller")


def test_names_without_latin_letters_keep_their_sounds():
    assert key("がくと") != key("かくと")
    assert key("山田 太郎") == key("山田　太郎")


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [("Trainingsgruppe", "group"), ("Équipe", "group"), ("グループ", "group"), ("Blood group", ""), ("Age group", "")],
)
def test_a_group_is_one_that_trains_together(heading, meaning):
    assert columns.guess([["Name", heading], ["A", "B"]])[1][1] == meaning
