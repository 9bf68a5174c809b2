"""Sphinx's settings for the site; `make site` copies them to build/site-src.

Nothing is executed, nothing fetched.
"""

project = "Variational inference, checked on the page"
html_title = project
html_short_title = "Variational inference"
copyright = "text and figures CC BY 4.0, code MIT"
language = "en"
extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx_copybutton"]
exclude_patterns = ["extra"]
nb_execution_mode = "off"
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["dollarmath", "amsmath"]
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}  # no tab stop at every formula
html_theme = "furo"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#5b3d8a", "color-brand-content": "#1f5fae"}
}
html_theme_options["dark_css_variables"] = {
    "color-brand-primary": "#b79ae0",
    "color-brand-content": "#7db4f0",
}
html_static_path = ["static"]
html_extra_path = ["extra"]
html_favicon = "static/favicon.svg"
html_css_files = ["course.css"]
html_js_files = ["course.js", *((name, {"defer": "defer"}) for name in ("widgets.js", "search.js"))]
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def name_level(app, page, template, context, doctree):
    """The captions of the navigation say that they are headings; say of which level."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace(
        'role="heading"', 'role="heading" aria-level="2"'
    )


def setup(app):
    app.connect("html-page-context", name_level, priority=900)  # after Furo's own
