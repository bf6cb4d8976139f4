"""Light and dark colors of what is shown in notebooks: it brings its own, for any page."""

from __future__ import annotations

_LIGHT = (
    "--ink:#22272e;--quiet:#5b6470;--paper:#ffffff;--line:#d9dde3;--shade:#f4f6f8;"
    "--sick:#a8322a;--well:#00714f;--do:#0b63a5;color-scheme:light"
)
_DARK = (
    "--ink:#e4e8ed;--quiet:#a0a9b5;--paper:#171b21;--line:#373e48;--shade:#212730;"
    "--sick:#ff9186;--well:#5fd0a5;--do:#79baf2;color-scheme:dark"
)
_OF_THE_PAGE = {
    _LIGHT: ('[data-jp-theme-light="true"]', ".vscode-light", '[data-theme="light"]'),
    _DARK: ('[data-jp-theme-light="false"]', ".vscode-dark", '[data-theme="dark"]'),
}
"""By what a notebook or a page says which theme it has; it overrules what the system prefers."""


def styled(name: str, rules: str) -> str:
    """A style sheet that touches nothing but what is in elements of one class.

    Arguments:
        name: of the class.
        rules: in which ``&`` stands for such an element; they read the colors as variables.

    Example:
        >>> styled("card", "& p {color:var(--ink)}").splitlines()[-1]
        '.card.card.card p {color:var(--ink)}'
    """
    its = 3 * f".{name}"  # three times, to outweigh the rules that notebooks have for all they show
    dark = "@media screen and (prefers-color-scheme:dark)"  # paper is white
    lines = [f"{its}{{{_LIGHT}}}", f"{dark}{{{its}{{{_DARK}}}}}"]
    for theme, marks in _OF_THE_PAGE.items():
        lines.append(f"{','.join(f'{mark} {its}' for mark in marks)}{{{theme}}}")
    return "\n".join(lines) + "\n" + rules.replace("&", its)
