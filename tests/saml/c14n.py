"""Random XML documents and their exclusive canonical form by libxml2.

Reads one line of JSON: {"seed", "documents"}. Writes one line for each document: the document and its form (Base64), the
listed prefixes, and whether a carriage return stands alone. The element with the attribute `apex` is canonicalized,
without that with the attribute `left-out`.
"""

import base64
import io
import json
import random
import sys

from lxml import etree

PREFIXES = ["", "a", "b", "ä", "saml", "xs"]
NAMESPACES = ["urn:a", "urn:b", "http://example.org/x", "urn:a:b?c=d;e"]
NAMES = ["r", "x", "Name", "élan", "_y", "a-b.c"]
TEXTS = [
    "text", "ä€𝄞", " ", "\t", "\n", "\r\n", "&#9;", "&#10;", "&#13;", "&#xD;", "&#xFEFF;", "&#x2028;", "&lt;", "&gt;", ">",
    "&amp;", "&quot;", "&apos;", "\u00a0", "\u0085", "&#x1F600;",
]
LONE_RETURN = "\r&#65;"


class Writer:
    def __init__(self, numbers):
        self.numbers = numbers
        self.apexes = 0
        self.has_lone_return = False

    def text(self, quote=""):
        numbers = self.numbers
        parts = numbers.choices(TEXTS, k=numbers.randrange(4))
        if numbers.random() < 0.01:
            parts.append(LONE_RETURN)
            self.has_lone_return = True
        quotes = {'"': "'", "'": '"'}
        return "".join(parts) + quotes.get(quote, "'\"")

    def attribute(self, name, value=None):
        quote = self.numbers.choice("'\"")
        value = self.text(quote) if value is None else value
        space = self.numbers.choice(["", "", "", " ", "\n"])
        return f"{self.numbers.choice([' ', '  ', chr(10)])}{name}{space}={space}{quote}{value}{quote}"

    def declarations(self, scope):
        out = []
        for prefix in self.numbers.sample(PREFIXES, self.numbers.choice([0, 0, 0, 1, 1, 2, 3])):
            if prefix:
                scope[prefix] = self.numbers.choice(NAMESPACES)
                out.append(self.attribute(f"xmlns:{prefix}", scope[prefix]))
            else:
                scope[""] = self.numbers.choice(NAMESPACES + [""])
                out.append(self.attribute("xmlns", scope[""]))
        if self.numbers.random() < 0.03:
            out.append(self.attribute("xmlns:xml", "http://www.w3.org/XML/1998/namespace"))
        return out

    def attributes(self, scope):
        out, seen = [], set()
        for _ in range(self.numbers.choice([0, 0, 1, 2, 3])):
            prefix = self.numbers.choice([""] + [known for known in scope if known])
            name = self.numbers.choice(NAMES)
            if (scope.get(prefix) if prefix else "", name) not in seen:
                seen.add((scope.get(prefix) if prefix else "", name))
                out.append(self.attribute(f"{prefix}:{name}" if prefix else name))
        if self.numbers.random() < 0.15:
            out.append(self.attribute(*self.numbers.choice([("xml:lang", "en"), ("xml:space", "preserve"), ("xml:base", "urn:x")])))
        return out

    def element(self, scope, depth, marks=()):
        numbers, scope = self.numbers, dict(scope)
        parts = self.declarations(scope) + self.attributes(scope)
        parts += [f' {mark}=""' for mark in marks]
        numbers.shuffle(parts)
        prefix = numbers.choice([known for known in scope if known] + [""])
        name = f"{prefix}:{numbers.choice(NAMES)}" if prefix else numbers.choice(NAMES)
        if depth == 0 and numbers.random() < 0.3:
            return f"<{name}{''.join(parts)}{numbers.choice(['', ' '])}/>"
        content = [self.text()]
        for _ in range(numbers.randrange(4) if depth else 0):
            content += [self.element(scope, numbers.randrange(depth)), self.text()]
        if "apex" in marks and numbers.random() < 0.3:
            content += [self.element(scope, 1, ("left-out",)), self.text()]
        elif depth and self.apexes == 0:
            self.apexes = 1
            content += [self.element(scope, numbers.randrange(depth), ("apex",)), self.text()]
        return f"<{name}{''.join(parts)}>{''.join(content)}</{name}{numbers.choice(['', ' '])}>"


def canonical(document, prefixes):
    tree = etree.parse(io.BytesIO(document), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    apex = tree.xpath("//*[@apex]")[0]
    for left_out in tree.xpath("//*[@left-out]"):
        before, parent = left_out.getprevious(), left_out.getparent()
        if left_out.tail:
            if before is None:
                parent.text = (parent.text or "") + left_out.tail
            else:
                before.tail = (before.tail or "") + left_out.tail
        parent.remove(left_out)
    return etree.tostring(apex, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes, with_tail=False)


def main():
    wanted = json.loads(sys.stdin.readline())
    numbers = random.Random(wanted["seed"])
    for _ in range(wanted["documents"]):
        writer = Writer(numbers)
        if numbers.random() < 0.3:
            writer.apexes = 1
            text = writer.element({}, numbers.randrange(1, 6), ("apex",))
        else:
            text = writer.element({}, numbers.randrange(1, 10))
        document = text.encode()
        prefixes = numbers.sample(["a", "b", "ä", "xml", "none", "a"], numbers.choice([0, 0, 1, 2, 3]))
        line = {
            "xml": base64.b64encode(document).decode(),
            "canonical": base64.b64encode(canonical(document, prefixes)).decode(),
            "prefixes": " ".join(prefixes),
            "has_lone_return": writer.has_lone_return,
        }
        print(json.dumps(line))


main()
