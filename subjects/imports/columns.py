"""What a column of a list of runners means, by its heading in any of the portal's nine languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median
from typing import Final

from django.utils.translation import gettext_lazy as _

from subjects.imports.cells import number
from subjects.names import plain

NAME, FIRST, LAST, EMAIL, BIRTH, SEX, GROUP = "name", "first", "last", "email", "birth", "sex", "group"
HEIGHT_M, HEIGHT_CM, WEIGHT_KG, WEIGHT_LB = "height_m", "height_cm", "weight_kg", "weight_lb"
NOTHING = ""
MEANINGS: Final = {
    NOTHING: _("Not imported"),
    NAME: _("Name"),
    FIRST: _("First name"),
    LAST: _("Last name"),
    EMAIL: _("E-mail"),
    BIRTH: _("Date or year of birth"),
    SEX: _("Sex"),
    HEIGHT_M: _("Height in m"),
    HEIGHT_CM: _("Height in cm"),
    WEIGHT_KG: _("Weight in kg"),
    WEIGHT_LB: _("Weight in lb"),
    GROUP: _("Group"),
}
HEIGHT, WEIGHT = "height", "weight"
# A word for the whole name that is a part of it where the other part stands in a column of its own.
EITHER = ("name", "nom", "nome", "nombre", "이름", "名", "名前")
# Each word as `squeezed` leaves it; asked for in this order.
WORDS: Final = {
    BIRTH: "birthyear yearofbirth dateofbirth birthdate birthday birth dob yob born geburtsjahr jahrgang geburtsdatum "
    "geburtstag geboren anneedenaissance datedenaissance naissance nele neele anodenacimiento fechadenacimiento "
    "nacimiento anodenascimento datadenascimento nascimento annodinascita datadinascita nascita "
    "出生年份 出生日期 出生年 生日 출생년도 출생연도 생년월일 생년 生年 生年月日 誕生日 出生",
    EMAIL: "email mail emailaddress emailadresse mailadresse courriel adresseemail adressemail correo "
    "correoelectronico correoe direcciondecorreo enderecodeemail postaelettronica indirizzoemail "
    "电子邮件 电子邮箱 邮箱 电邮 이메일 전자우편 メール メールアドレス eメール",
    HEIGHT: "height stature bodyheight groesse grosse korpergrosse taille estatura altura talla altezza statura "
    "身高 키 신장 身長",
    WEIGHT: "weight bodyweight mass gewicht korpergewicht poids peso pesocorporal pesocorporeo 体重 몸무게 체중",
    SEX: "sex gender geschlecht sexe genre sexo genero sesso genere 性别 性別 성별",
    LAST: "lastname surname familyname nachname familienname zuname nomdefamille apellido apellidos cognome sobrenome "
    "apelido apelidos ultimonome 姓 姓氏 성",
    FIRST: "firstname givenname forename vorname prenom nombredepila primeironome nomeproprio 名字",
    NAME: "name fullname runner athlete patient client participant nom nomcomplet coureur coureuse nome nomecompleto "
    "nominativo atleta corridore corredor corredora nombre nombrecompleto nombreyapellidos nomeecognome "
    "vollstandigername laufer lauferin 姓名 氏名 名前 이름 성명 名",
    GROUP: "group groups traininggroup runninggroup squad team gruppe gruppen trainingsgruppe laufgruppe mannschaft "
    "kader groupe groupes groupedentrainement equipe grupo grupos grupodeentrenamiento grupodetreino equipo turma "
    "gruppo gruppi gruppodiallenamento squadra 组 组别 小组 分组 队 그룹 조 팀 반 グループ 組 班 チーム",
}
MEANT: Final = {word: meaning for meaning, words in WORDS.items() for word in words.split()}
UNITS = re.compile(r"\b(cm|kg|lbs?|m)\b")
FEW = 50  # rows looked at for what a column holds


def guess(rows: Sequence[Sequence[str]]) -> tuple[bool, list[str]]:
    """Return whether the first row holds headings, and what each column most likely means."""
    found = [_meant(cell) for cell in rows[0]]
    if not any(found):
        return False, _by_content(rows)
    found = _one_of_each(_parts_of_the_name(rows[0], found))
    below = rows[1 : 1 + FEW]
    return True, [
        _with_unit(meaning, heading, [row[column] for row in below])
        for column, (meaning, heading) in enumerate(zip(found, rows[0], strict=True))
    ]


def squeezed(heading: str) -> str:
    """Return a heading as one word: "Height (cm)" is "height"."""
    return "".join(re.findall(r"[^\W_]+", UNITS.sub(" ", plain(heading)).removesuffix(" in ")))


def _meant(heading: str) -> str:
    whole = MEANT.get(squeezed(heading))
    if whole:
        return whole
    words = {squeezed(word) for word in heading.split()}
    # A group of blood or of age is none that trains together: a heading has to say group and nothing else.
    by_a_word = [(meaning, known) for meaning, known in WORDS.items() if meaning != GROUP]
    return next((meaning for meaning, known in by_a_word if words & set(known.split())), NOTHING)


def _parts_of_the_name(headings: Sequence[str], found: list[str]) -> list[str]:
    """Read "Name" beside "Vorname" as the last name, "Nombre" beside "Apellidos" as the first."""
    part = LAST if FIRST in found else FIRST if LAST in found else NAME
    return [
        part if meaning == NAME and squeezed(heading) in EITHER else meaning
        for meaning, heading in zip(found, headings, strict=True)
    ]


def _one_of_each(found: list[str]) -> list[str]:
    return [NOTHING if meaning in found[:column] else meaning for column, meaning in enumerate(found)]


def _with_unit(meaning: str, heading: str, cells: list[str]) -> str:
    units = set(UNITS.findall(plain(heading)))
    values = [value for value in map(number, cells) if value is not None]
    usual = median(values) if values else 0
    if meaning == HEIGHT:
        return HEIGHT_CM if "cm" in units or ("m" not in units and usual > 3) else HEIGHT_M
    if meaning == WEIGHT:
        return WEIGHT_LB if units & {"lb", "lbs"} else WEIGHT_KG
    return meaning


def _by_content(rows: Sequence[Sequence[str]]) -> list[str]:
    """Without headings only an address and a name can be told."""
    columns = [[row[column] for row in rows[:FEW] if row[column]] for column in range(len(rows[0]))]
    found = [EMAIL if cells and all("@" in cell for cell in cells) else NOTHING for cells in columns]
    for column, cells in enumerate(columns):
        if cells and not found[column] and all(number(cell) is None and not cell[0].isdigit() for cell in cells):
            found[column] = NAME
            break
    return _one_of_each(found)
