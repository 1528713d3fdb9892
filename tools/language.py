"""The English of every text: bring locale/en up to date with the sources, and compare the two.

The texts stand in the sources in Chinese; locale/en holds their English. After a change of texts
`make english` adds the new ones, still without English, and drops those that are gone.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from tools.terminal import ROOT, give_up, say

ENGLISH = ROOT / "locale/en/LC_MESSAGES/django.po"
HEADER = r"""msgid ""
msgstr ""
"Language: en\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
WITHOUT_TEXTS = {"benchmarks", "build", "docs", "node_modules", "static", "tests", "tools", "var"}
MEASURE = {"%(unit)s"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}|https?://\S+")


def main() -> None:
    """Write the English file anew and say what it lacks."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = extracted(Path(folder))
    ENGLISH.write_text(written(merged(wanted, english())), "utf-8")
    for fault in faults(wanted, english()):
        say(fault)


def sources(top: Path = ROOT) -> Iterator[Path]:
    """Find the files whose texts somebody reads, relative to the tree."""
    for folder, names, files in os.walk(top):
        names[:] = [name for name in names if name[0] != "." and name not in WITHOUT_TEXTS]
        for file in files:
            if file.endswith((".py", ".html", ".txt")):
                yield (Path(folder) / file).relative_to(top)


def extracted(folder: Path) -> Catalog:
    """Read the texts out of a copy of the sources: the extraction leaves files beside them."""
    for path in sources():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / path)
    (folder / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--no-location"]
    done = subprocess.run(
        [*command, "--no-wrap", "--verbosity", "0"],
        cwd=folder,
        env={key: text for key, text in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise give_up(f"the texts cannot be extracted: {done.stderr.strip()}")
    return read(folder / "locale/en/LC_MESSAGES/django.po")


def english() -> Catalog:
    """Read the English file."""
    return read(ENGLISH)


def read(path: Path) -> Catalog:
    """Read a file of texts."""
    with path.open("rb") as file:
        return read_po(file, locale="en")


def merged(wanted: Catalog, known: Catalog) -> Catalog:
    """Return exactly the texts of the sources, with the English that is known."""
    both = Catalog(locale="en")
    for text in texts(wanted):
        old = known.get(text.id, text.context)
        english = old.string if old and isinstance(old.id, str) == isinstance(text.id, str) else ""
        both.add(text.id, english, context=text.context, flags=text.flags - {"fuzzy"})
    return both


def written(catalog: Catalog) -> str:
    """Return the file's text: sorted, no dates, no places, so that a change shows only itself."""
    body = BytesIO()
    write_po(body, catalog, width=0, omit_header=True, sort_output=True, no_location=True)
    return HEADER + body.getvalue().decode().strip() + "\n"


def texts(catalog: Catalog) -> list[Message]:
    """Return the entries but for the header."""
    return [message for message in catalog if message.id]


def faults(wanted: Catalog, known: Catalog) -> list[str]:
    """Say, one line a text, where the English is wanting, left over or unlike the Chinese."""
    found = []
    for text in texts(wanted):
        message = known.get(text.id, text.context)
        if message is None or forms(message.id) != forms(text.id) or not all(forms(message.string)):
            found.append(f"no English: {name(text)}")
        elif message.fuzzy:
            found.append(f"fuzzy: {name(text)}")
        else:
            found += [f"{fault}: {name(text)}" for fault in unlike(message)]
    found += [f"in no source: {name(one)}" for one in texts(known) if not is_in(wanted, one)]
    found += [f"obsolete: {name(one)}" for one in known.obsolete.values()]
    return found


def unlike(message: Message) -> Iterator[str]:
    """Say how the English of one text is unlike its Chinese."""
    wanted = [placeholders(form) for form in forms(message.id)]
    found = [placeholders(form) for form in forms(message.string)]
    if len(wanted) != len(found):
        yield "other forms"
    # English has no measure words, and the singular may write its number out: "the row".
    elif found[-1] | MEASURE != wanted[-1] | MEASURE or any(form - wanted[-1] for form in found):
        yield "other placeholders"


def placeholders(text: str) -> set[str]:
    """Return what is filled in when the text is shown."""
    return set(PLACEHOLDER.findall(text))


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return singular and plural, or the one form."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def is_in(catalog: Catalog, message: Message) -> bool:
    """Say whether a catalog has the text."""
    return catalog.get(message.id, message.context) is not None


def name(message: Message) -> str:
    """Write a text so that it can be found."""
    text = forms(message.id)[0]
    return f"{text!r} ({message.context})" if message.context else repr(text)


if __name__ == "__main__":
    main()
