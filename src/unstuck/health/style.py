"""How a diagnosis looks as HTML."""

from __future__ import annotations

from unstuck.themes import styled

_RULES = """
& {max-width:46rem;box-sizing:border-box;container-type:inline-size;margin:.5rem 0;
 padding:1rem 1.25rem;border:1px solid var(--line);border-radius:6px;
 background:var(--paper);color:var(--ink);
 font:14px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:break-word}
&.sick {--tone:var(--sick)}
&.well {--tone:var(--well)}
&.unseen {--tone:var(--quiet)}
& p,& h4,& ol,& ul,& dl,& pre {margin:0;padding:0;border:0;background:none;color:inherit}
& .label {display:flex;align-items:center;gap:.5rem;color:var(--quiet);font-size:12px}
& .sign {flex:none;width:1.15rem;height:1.15rem;border-radius:50%;background:var(--tone);
 color:var(--paper);font-weight:700;line-height:1.15rem;text-align:center}
& .verdict {font-size:17px;line-height:1.4;font-weight:600;margin-top:.35rem}
& .reached {margin-top:.35rem}
& .quiet {color:var(--quiet);font-size:13px;margin-top:.6rem}
& .proof {margin-top:.8rem}
& h4 {font-size:13px;line-height:1.5;font-weight:600}
& section {margin-top:1rem}
& .do {padding:.7rem .9rem;border-radius:4px;background:var(--shade)}
& .do h4 {color:var(--do);margin-bottom:.15rem}
& code {font:12.5px/1.5 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;
 background:var(--shade);color:inherit;padding:.05rem .3rem;border-radius:3px;border:0}
& .label code {font-size:12px}
& pre {margin-top:.5rem;white-space:pre-wrap}
& pre code {background:none;padding:0;overflow-wrap:normal;user-select:all}
& details {margin-top:.6rem;border-top:1px solid var(--line);padding-top:.55rem}
& .do + details {margin-top:1rem}
& summary {cursor:pointer;font-weight:600;font-size:13px}
& summary:focus-visible {outline:2px solid var(--do);outline-offset:2px}
& ol,& ul {padding-left:1.5rem;list-style-position:outside}
& ol {list-style-type:decimal}
& li {margin-top:.35rem}
& section li {margin-top:.5rem}
& li details {border:0;padding:0;margin-top:.25rem}
& li summary {font-weight:400;color:var(--quiet)}
& table {width:100%;margin:.5rem 0 0;border-collapse:collapse;font-size:13px;border:0;
 color:inherit;background:none}
& tr {background:none;border:0}
& th,& td {padding:.3rem .9rem .3rem 0;border:0;border-bottom:1px solid var(--line);
 text-align:left;vertical-align:top;font-weight:400;background:none;color:inherit;
 max-width:none;white-space:normal}
& th:last-child,& td:last-child {padding-right:0}
& thead th {color:var(--quiet);font-size:12px;white-space:nowrap}
& .limit {white-space:nowrap}
& .narrow {display:none}
& .number {white-space:nowrap;font-variant-numeric:tabular-nums}
& .number.sick {color:var(--sick);font-weight:600}
& td + td {color:var(--quiet)}
& dl {display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1rem;margin-top:.5rem}
& dt,& dd,& tbody th,& .where,& .words {overflow-wrap:anywhere}
& dt {font-weight:600;font-size:13px;max-width:14rem}
& dd {margin:0}
@container (max-width:30rem) {
& thead {position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
& table,& tbody {display:block}
& tbody tr {display:grid;grid-template-columns:max-content 1fr;column-gap:.75rem;
 padding:.4rem 0;border-bottom:1px solid var(--line)}
& tbody th,& .where {grid-column:1/-1}
& .narrow {display:inline}
& tbody th,& tbody td {border:0;padding:0}
& .scores tbody tr {display:flex;flex-wrap:wrap;column-gap:1rem}
& .scores tbody th {flex-basis:100%}
& .scores td:empty {display:none}
& .scores td::before {content:attr(data-of) " ";color:var(--quiet)}
& .scores td {white-space:normal;color:inherit}
& dl {grid-template-columns:1fr;gap:0}
& dd {margin-bottom:.4rem}
}
"""


STYLE = styled("unstuck-diagnosis", _RULES)
"""A style sheet that touches nothing but what is in a diagnosis."""
