"""The frame of the error page. It needs no script and nothing from elsewhere."""

from __future__ import annotations

from markupsafe import Markup

# What a browser may do with the page: nothing but style it.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

PAGE = Markup("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --line: #8884; --mark: #e5484d26; --soft: #8888880f }}
body {{ font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 62rem; margin: 2rem auto; padding: 0 1rem }}
h1 {{ font-size: 1.5rem; margin: 0; color: #d13438 }}
h2 {{ font-size: 1.05rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere }}
header p {{ font-size: 1.15rem; margin: .25rem 0 1.5rem }}
header p {{ white-space: pre-wrap; overflow-wrap: anywhere }}
details {{ border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; overflow: hidden }}
summary {{ padding: .4rem .8rem; cursor: pointer; background: var(--soft) }}
summary {{ overflow-wrap: anywhere }}
summary span {{ opacity: .7; font-size: .85rem }}
.library {{ opacity: .75 }}
pre {{ font: .85rem/1.5 ui-monospace, monospace }}
pre {{ margin: 0; padding: .6rem .8rem; overflow-x: auto }}
mark {{ background: var(--mark); color: inherit; display: inline-block; min-width: 100% }}
footer {{ margin: 2rem 0; opacity: .7; font-size: .85rem }}
</style>
<header><h1>{kind}</h1><p>{message}</p></header>
{traceback}
<h2>As text</h2>
<pre>{text}</pre>
<footer>This page is shown because debug mode is on. Never use debug mode in production.</footer>
</html>
""")
