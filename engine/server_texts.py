"""Why the server gave an analysis up, though the film may be good: one sentence and one cure, in nine languages."""

from __future__ import annotations

from typing import Literal

from engine.order import Refused

Fault = Literal["measuring_broke_off", "measuring_took_too_long"]  # of the measuring itself, not of what runs it

TEXTS: dict[str, dict[str, str]] = {
    "measuring_broke_off": {
        "en": "The measuring broke off twice on this film. Save it as MP4 (H.264) and send it again.",
        "fr": "La mesure du film s’est interrompue deux fois. Enregistrez-le en MP4 (H.264) et envoyez-le à nouveau.",
        "de": (
            "Die Messung dieses Films ist zweimal abgebrochen. "
            "Speichern Sie ihn als MP4 (H.264) und senden Sie ihn noch einmal."
        ),
        "zh": "此视频的测量两次中断。请另存为 MP4（H.264）后重新发送。",
        "ko": "이 영상의 측정이 두 번 중단되었습니다. MP4(H.264)로 저장하여 다시 보내 주세요.",
        "pt": "A medição deste filme parou duas vezes. Salve-o como MP4 (H.264) e envie-o novamente.",
        "es": "La medición de este vídeo se interrumpió dos veces. Guárdelo como MP4 (H.264) y envíelo de nuevo.",
        "it": "La misurazione del filmato si è interrotta due volte. Salvatelo come MP4 (H.264) e inviatelo di nuovo.",
        "ja": "この動画の測定が二度中断しました。MP4（H.264）で保存して、もう一度送ってください。",
    },
    "measuring_took_too_long": {
        "en": "Measuring this film took too long, twice. Send it again when the server has less to do.",
        "fr": "La mesure de ce film a duré trop longtemps, deux fois. Renvoyez-le quand le serveur sera moins occupé.",
        "de": (
            "Die Messung dieses Films hat zweimal zu lange gedauert. "
            "Senden Sie ihn noch einmal, wenn der Server weniger zu tun hat."
        ),
        "zh": "此视频的测量两次耗时过长。请在服务器较空闲时重新发送。",
        "ko": "이 영상의 측정이 두 번 모두 너무 오래 걸렸습니다. 서버가 덜 바쁠 때 다시 보내 주세요.",
        "pt": "A medição deste filme demorou demais, duas vezes. Envie-o novamente com o servidor menos ocupado.",
        "es": "La medición de este vídeo tardó demasiado, dos veces. Envíelo de nuevo con el servidor menos ocupado.",
        "it": "La misurazione del filmato è durata troppo, due volte. Inviatelo di nuovo con il server meno occupato.",
        "ja": "この動画の測定に二度とも時間がかかりすぎました。サーバーが空いているときにもう一度送ってください。",
    },
    "measuring_interrupted": {
        "en": "The server was interrupted too often while it measured this film. Send it again.",
        "fr": "Le serveur a été interrompu trop souvent pendant la mesure de ce film. Envoyez-le à nouveau.",
        "de": "Der Server wurde beim Messen dieses Films zu oft unterbrochen. Senden Sie ihn noch einmal.",
        "zh": "测量此视频时服务器中断次数过多。请重新发送。",
        "ko": "이 영상을 측정하는 동안 서버가 너무 자주 중단되었습니다. 다시 보내 주세요.",
        "pt": "O servidor foi interrompido vezes demais ao medir este filme. Envie-o novamente.",
        "es": "El servidor se interrumpió demasiadas veces al medir este vídeo. Envíelo de nuevo.",
        "it": "Il server è stato interrotto troppe volte mentre misurava questo filmato. Inviatelo di nuovo.",
        "ja": "この動画の測定中にサーバーが何度も中断されました。もう一度送ってください。",
    },
}


def given_up(code: str, language: str) -> Refused:
    """The end of an analysis by `code`, with its text in `language`."""
    return Refused(code, TEXTS[code][language])
