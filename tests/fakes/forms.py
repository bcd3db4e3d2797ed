"""Forms of our pages, as a browser without script finds them."""

import re
from html import unescape


def fields_in(page: str, button: str) -> dict[str, str]:
    """The hidden fields of the form whose button begins like this."""
    forms = re.findall(r"<form[^>]*>(.*?)</form>", page, re.DOTALL)
    inside = next(one for one in forms if f'value="{button}' in one)
    found = re.findall(r'name="([^"]+)" value="([^"]*)"', inside)
    return {name: unescape(value) for name, value in found}
