"""The senders as a contact: what a telephone reads, and nothing that could become a line."""

from domain.vcard import vcard


def test_a_card_holds_every_address_pages_come_from():
    """Version 3.0, lines that end as the format wants them."""
    card = vcard({"email": "tocsin@example.com", "sms": "+15550109999"}, "https://t.example")
    lines = card.split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"]
    assert "EMAIL;TYPE=INTERNET:tocsin@example.com" in lines
    assert "TEL;TYPE=CELL:+15550109999" in lines
    assert lines[-2:] == ["END:VCARD", ""]


def test_no_value_becomes_a_line_of_its_own():
    """Separators are escaped, long lines folded."""
    card = vcard({"email": "a,b;c\\d\nTEL:1@example.com"}, f"https://t.example/{'x' * 90}")
    assert "a\\,b\\;c\\\\d\\nTEL:1@example.com" in card
    assert "\r\nTEL" not in card
    assert max(map(len, card.split("\r\n"))) <= 75
