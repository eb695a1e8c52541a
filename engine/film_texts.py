"""Why a file cannot be measured before anybody has looked at it: one sentence and one cure, in nine languages."""

from __future__ import annotations

from engine.order import Refused

TEXTS: dict[str, dict[str, str]] = {
    "film_empty": {
        "en": "The file is empty. Send the film again.",
        "fr": "Le fichier est vide. Envoyez le film à nouveau.",
        "de": "Die Datei ist leer. Senden Sie den Film noch einmal.",
        "zh": "文件是空的。请重新发送视频。",
        "ko": "파일이 비어 있습니다. 영상을 다시 보내 주세요.",
        "pt": "O arquivo está vazio. Envie o filme novamente.",
        "es": "El archivo está vacío. Envíe el vídeo de nuevo.",
        "it": "Il file è vuoto. Inviate di nuovo il filmato.",
        "ja": "ファイルが空です。動画をもう一度送ってください。",
    },
    "not_a_film": {
        "en": "This file is not a film we can read. Send an MP4, MOV, AVI or WEBM film.",
        "fr": "Ce fichier n’est pas un film lisible. Envoyez un film MP4, MOV, AVI ou WEBM.",
        "de": "Diese Datei ist kein lesbarer Film. Senden Sie einen Film als MP4, MOV, AVI oder WEBM.",
        "zh": "无法将此文件作为视频读取。请发送 MP4、MOV、AVI 或 WEBM 视频。",
        "ko": "이 파일은 읽을 수 있는 영상이 아닙니다. MP4, MOV, AVI 또는 WEBM 영상을 보내 주세요.",
        "pt": "Este arquivo não é um filme legível. Envie um filme MP4, MOV, AVI ou WEBM.",
        "es": "Este archivo no es un vídeo legible. Envíe un vídeo MP4, MOV, AVI o WEBM.",
        "it": "Questo file non è un filmato leggibile. Inviate un filmato MP4, MOV, AVI o WEBM.",
        "ja": "このファイルは読み取れる動画ではありません。MP4、MOV、AVI、WEBM のいずれかの動画を送ってください。",
    },
    "film_incomplete": {
        "en": "The film is incomplete: the file ends too early. Send it again.",
        "fr": "Le film est incomplet\u00a0: le fichier s’arrête trop tôt. Envoyez-le à nouveau.",
        "de": "Der Film ist unvollständig: Die Datei endet zu früh. Senden Sie ihn noch einmal.",
        "zh": "视频不完整：文件提前结束。请重新发送。",
        "ko": "영상이 완전하지 않습니다. 파일이 중간에 끝납니다. 다시 보내 주세요.",
        "pt": "O filme está incompleto: o arquivo termina cedo demais. Envie-o novamente.",
        "es": "El vídeo está incompleto: el archivo termina demasiado pronto. Envíelo de nuevo.",
        "it": "Il filmato è incompleto: il file finisce troppo presto. Inviatelo di nuovo.",
        "ja": "動画が途中で切れています。もう一度送ってください。",
    },
    "film_unreadable": {
        "en": "The film is damaged or uses an unknown format. Save it as MP4 (H.264) and send it again.",
        "fr": "Le film est endommagé ou d’un format inconnu. Enregistrez-le en MP4 (H.264) et envoyez-le à nouveau.",
        "de": (
            "Der Film ist beschädigt oder hat ein unbekanntes Format. "
            "Speichern Sie ihn als MP4 (H.264) und senden Sie ihn noch einmal."
        ),
        "zh": "视频已损坏或格式未知。请另存为 MP4（H.264）后重新发送。",
        "ko": "영상이 손상되었거나 알 수 없는 형식입니다. MP4(H.264)로 저장하여 다시 보내 주세요.",
        "pt": "O filme está danificado ou tem um formato desconhecido. Salve-o como MP4 (H.264) e envie-o novamente.",
        "es": "El vídeo está dañado o tiene un formato desconocido. Guárdelo como MP4 (H.264) y envíelo de nuevo.",
        "it": "Il filmato è danneggiato o di formato sconosciuto. Salvatelo come MP4 (H.264) e inviatelo di nuovo.",
        "ja": "動画が壊れているか、未知の形式です。MP4（H.264）で保存して、もう一度送ってください。",
    },
    "no_picture": {
        "en": "The file has sound but no picture. Send the film itself.",
        "fr": "Le fichier contient du son mais pas d’image. Envoyez le film lui-même.",
        "de": "Die Datei enthält Ton, aber kein Bild. Senden Sie den Film selbst.",
        "zh": "文件只有声音，没有画面。请发送视频本身。",
        "ko": "파일에 소리만 있고 화면이 없습니다. 영상을 보내 주세요.",
        "pt": "O arquivo tem som, mas não tem imagem. Envie o próprio filme.",
        "es": "El archivo tiene sonido, pero no imagen. Envíe el propio vídeo.",
        "it": "Il file contiene audio ma nessuna immagine. Inviate il filmato vero e proprio.",
        "ja": "ファイルに音声はありますが、映像がありません。動画そのものを送ってください。",
    },
    "too_few_pictures": {
        "en": "The file holds a single picture, not a film. Send a film of a few seconds.",
        "fr": "Le fichier contient une seule image, pas un film. Envoyez un film de quelques secondes.",
        "de": "Die Datei enthält ein einzelnes Bild, keinen Film. Senden Sie einen Film von einigen Sekunden.",
        "zh": "文件只有一幅画面，不是视频。请发送几秒钟的视频。",
        "ko": "파일에 사진 한 장만 있고 영상이 아닙니다. 몇 초 길이의 영상을 보내 주세요.",
        "pt": "O arquivo contém uma única imagem, não um filme. Envie um filme de alguns segundos.",
        "es": "El archivo contiene una sola imagen, no un vídeo. Envíe un vídeo de unos segundos.",
        "it": "Il file contiene una sola immagine, non un filmato. Inviate un filmato di alcuni secondi.",
        "ja": "ファイルには 1 枚の画像しかなく、動画ではありません。数秒の動画を送ってください。",
    },
    "film_too_long": {
        "en": "The film is {seconds} s long. Cut it to {limit} s or less.",
        "fr": "Le film dure {seconds}\u00a0s. Coupez-le à {limit}\u00a0s au plus.",
        "de": "Der Film ist {seconds}\u00a0s lang. Kürzen Sie ihn auf höchstens {limit}\u00a0s.",
        "zh": "视频长 {seconds} 秒。请剪到 {limit} 秒以内。",
        "ko": "영상 길이가 {seconds}초입니다. {limit}초 이하로 잘라 주세요.",
        "pt": "O filme tem {seconds}\u00a0s. Corte-o para {limit}\u00a0s ou menos.",
        "es": "El vídeo dura {seconds}\u00a0s. Recórtelo a {limit}\u00a0s o menos.",
        "it": "Il filmato dura {seconds}\u00a0s. Tagliatelo a {limit}\u00a0s o meno.",
        "ja": "動画の長さは {seconds} 秒です。{limit} 秒以下に切ってください。",
    },
}


def refuse(code: str, language: str = "en", **values: int) -> Refused:
    """The refusal `code` with its text in `language`, ready to be raised."""
    texts = TEXTS[code]
    return Refused(code, texts.get(language, texts["en"]).format(**values))
