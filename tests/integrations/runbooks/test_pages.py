"""Pages of others: what is a step for people, and how a page is fetched."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from domain.checklist import ImportedPage
from domain.errors import Permanent
from integrations.runbooks.fetch import MOST_BYTES, FetchedPages
from integrations.runbooks.pages import page_of, page_of_html

MARKDOWN = """---
title: "Kube Pod Crash Looping"
weight: 20
---
# KubePodCrashLooping

<!-- nothing to see -->
Words.

- only words, and `one_word`
- Look at it via `kubectl describe pod x`
- deeper:

  ```console
  $ kubectl get pods \\
      -A
  NAME  READY
  ```

1. Note the time
2. Then:
   ```sh
   date
   uptime
   ```

- [ ] Tell the team

Restart it:

```
systemctl restart x
```

```yaml
kind: Pod
```

> Said:
>
> ```bash
> true
> ```
"""
HTML = """<html><head><title>Disk full | Runbooks</title><style>a{}</style></head><body>
<nav><ol><li>Menu</li></ol></nav><main><p>Look first:</p>
<pre><code class="language-bash">df -h</code></pre><ol><li>Remove <b>old</b> files</li></ol>
<script>alert(1)</script></main></body></html>"""


def test_what_is_a_step():
    """Numbered items, ticks, blocks of commands, and items that name a command; no output."""
    page = page_of("books/a.md", "a.md", MARKDOWN)
    assert (page.title, page.name) == ("Kube Pod Crash Looping", "a.md")
    assert [(one.words, one.commands) for one in page.steps] == [
        ("Look at it via `kubectl describe pod x`", ""),
        ("deeper:", "kubectl get pods \\\n    -A"),
        ("Note the time", ""),
        ("Then:", "date\nuptime"),
        ("Tell the team", ""),
        ("Restart it:", "systemctl restart x"),
        ("Said:", "true"),
    ]
    assert "nothing to see" not in page.body
    assert page_of("x", "x.md", "words").title == "x"
    assert page_of("x", "x.md", "# The *disk*\n").title == "The disk"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("title: Disk", "Disk"),
        ("title:  'The disk' ", "The disk"),
        ('a: b\ntitle: "', '"'),
        ("title:", "x"),
        ("subtitle: Disk", "x"),
    ],
)
def test_what_a_head_calls_its_page(head: str, title: str):
    """Without quotes, in one pass; else it is called as its file."""
    assert page_of("x", "x.md", f"---\n{head}\n---\nwords").title == title


def test_comments_go_in_one_pass():
    """However often one is begun: a second of them is within the first."""
    assert page_of("x", "x.md", "a <!-- b <!-- c --> d <!-- e").body == "a  d <!-- e"
    assert page_of("x", "x.md", "<!--->a-->b").body == "b"
    # each is looked for to the end once; as a regular expression this took minutes
    assert page_of("x", "x.md", "<!--" * 200_000).body.startswith("<!--")


def test_the_main_part_of_a_page_of_html():
    """Without menus and programs; what a block is written in is kept."""
    page = page_of_html("https://example.com/books/disk-full/index.html", HTML)
    assert (page.title, page.name) == ("Disk full | Runbooks", "disk-full")
    assert [(one.words, one.commands) for one in page.steps] == [
        ("Look first:", "df -h"),
        ("Remove old files", ""),
    ]
    assert "alert" not in page.body
    assert "Menu" not in page.body
    assert page_of_html("https://example.com", "<h1>Disk</h1><p>x</p>").title == "Disk"


Answers = dict[str, tuple[int, dict[str, str], bytes]]


@asynccontextmanager
async def serving(answers: Answers) -> AsyncIterator[str]:
    """A web server that answers each path as it is told."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        status, headers, body = answers.get(path, (404, {}, b""))
        told = {"content-length": str(len(body)), "connection": "close"} | headers
        lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in told.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://books.test:{server.sockets[0].getsockname()[1]}"


def pages(*hosts: str) -> FetchedPages:
    """Every name is this machine."""

    async def here(_host: str, _port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    return FetchedPages(hosts, here)


async def fetched(url: str, *hosts: str) -> ImportedPage | str:
    """The page, or why there is none."""
    try:
        return await pages(*hosts).page(url)
    except Permanent as refusal:
        return str(refusal)


async def test_a_page_is_fetched_from_where_one_may():
    """Markdown as it is, HTML as Markdown, over a redirect; bounded, and never from within."""
    markdown = {"content-type": "text/markdown; charset=utf-8"}
    answers: Answers = {
        "/a.md": (200, markdown, b"# Disk\n\n1. Look\n"),
        "/b": (200, {"content-type": "text/html"}, HTML.encode()),
        "/moved": (302, {"location": "/a.md"}, b""),
        "/inside": (302, {"location": "http://internal.test/a.md"}, b""),
        "/round": (302, {"location": "/round"}, b""),
        "/scheme": (302, {"location": "file:///etc/passwd"}, b""),
        "/large": (200, markdown, b"x" * (MOST_BYTES + 1)),
        "/odd": (200, {"content-type": "text/plain; charset=zanzibar"}, "# Dïsk".encode()),
        "/hex": (200, {"content-type": "text/plain; charset=hex"}, "# Dïsk".encode()),
        "/zip": (200, markdown | {"content-encoding": "gzip"}, b"x"),
        "/pdf": (200, {"content-type": "application/pdf"}, b""),
    }
    async with serving(answers) as base:
        found = await fetched(f"{base}/a.md", "books.test")
        assert isinstance(found, ImportedPage)
        assert (found.title, found.name, found.steps[0].words) == ("Disk", "a.md", "Look")
        moved = await fetched(f"{base}/moved", "books.test")
        assert isinstance(moved, ImportedPage)
        html = await fetched(f"{base}/b", "*.test")
        assert isinstance(html, ImportedPage)
        for path in ("odd", "hex"):
            odd = await fetched(f"{base}/{path}", "books.test")
            assert isinstance(odd, ImportedPage)
            assert odd.title == "Dïsk"
        late = replace(pages("books.test"), patience_s=0)
        with pytest.raises(Permanent, match="does not answer: TimeoutError"):
            await late.page(f"{base}/a.md")
        refused = {
            "a.md": "books.test is in a network of its own: an admin names it in runbooks.hosts"
            " first",
        }
        assert await fetched(f"{base}/a.md") == refused["a.md"]
        whys = {
            "inside": "internal.test is in a network of its own",
            "round": "it leads from one address to another without end",
            "scheme": "that is no address of a page",
            "large": "it is larger than 1 MiB",
            "zip": "it is sent packed, which was not asked for",
            "pdf": "it is application/pdf, neither Markdown nor HTML",
            "gone": "it answered 404",
        }
        for path, why in whys.items():
            assert str(await fetched(f"{base}/{path}", "books.test")).startswith(why)
    assert str(await fetched(f"{base}/a.md", "books.test")).startswith("it does not answer")
    assert str(await fetched("ftp://books.test/a")).startswith("that is no address")


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        ("https://github.com/o/r/blob/main/a/b.md", "raw.githubusercontent.com"),
        ("https://git.test/g/r/-/blob/main/a.md", "git.test"),
    ],
)
async def test_a_file_that_a_forge_shows_is_read_itself(shown: str, path: str):
    """Not the page around it."""
    asked: list[str] = []

    async def nowhere(host: str, _port: int) -> tuple[str, ...]:
        asked.append(host)
        return ()

    with pytest.raises(Permanent):
        await FetchedPages((), nowhere).page(shown)
    assert asked == [path]
