"""Letters for tests: written by hand, as a mail server would hand them over."""

from pathlib import Path

LETTERS = Path(__file__).parent.parent / "letters"
SUPPORT = "support@helpdesk.example.com"

_given = iter(range(1, 1_000_000))


def eml(
    text: str = "It is still lost.", *, sender: str = "Carol <carol@example.org>", **headers: str
) -> bytes:
    """A letter; `in_reply_to="<…>"` is its In-Reply-To. Each call is another letter."""
    fields = {
        "from": sender,
        "to": SUPPORT,
        "subject": "Re: Invoice lost",
        "message_id": f"<{next(_given)}@example.org>",
        **headers,
    }
    lines = [f"{name.replace('_', '-').title()}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", text, ""]).encode()


def walk() -> bytes:
    """A customer's Japanese letter with an attachment."""
    return (LETTERS / "order_of_the_walk.eml").read_bytes()
