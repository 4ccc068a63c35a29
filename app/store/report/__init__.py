"""A session as one page that needs nothing else: what went well, the one thing to work on, the numbers behind it.

`sessions` and `material` gather the facts, `findings`, `numbers`, `charts` and `figures` turn them into words and
drawings, `page` puts them into ``template.html.j2``.
"""
