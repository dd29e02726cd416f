"""The documentation as a site: the pages of docs/ and the reference of what is public, built by Zensical.

    python -m docs.site                  builds build/site, and checks it
    python -m docs.site --serve          does, and shows it on http://127.0.0.1:8000 (--port)

Pages are written so that they read well where they lie, on GitHub too. `staging` lays them out as the site has them,
`reference` writes the pages of public modules from their docstrings, Zensical makes HTML of all, `plain_pages` puts
the Markdown of each page and llms.txt beside it, and `checking` follows every link of what came out. `zensical.toml`
has the navigation.
"""
