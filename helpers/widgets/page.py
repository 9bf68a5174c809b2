"""What a page must do itself: say names and values to those who listen, keep a slider's keys for
it, and tell the kernel how wide the page is.

ipywidgets' sliders have no accessible name, say a stop's index for its value, and know no page
width; its `HTML` runs a small script in JupyterLab and Colab alike. Where a page forbids scripts,
the widget works on without these.
"""

import html

STYLE = """<style>
.vi-panel img[data-k] { max-width: 100%; height: auto; }
.vi-panel .widget-html-content { white-space: normal; line-height: 1.4; }
.vi-panel.vi-panel :focus-visible { outline: 3px solid #1f86d1 !important; outline-offset: 2px; }
.vi-panel .noUi-handle, .vi-panel .ui-slider-handle { border: 1px solid #767676 !important; }
.vi-panel .noUi-connects { background: #767676; }
.vi-panel .mod-active { box-shadow: inset 0 0 0 2px currentColor !important; }
.vi-panel select { appearance: auto; background-image: none !important; }
.vi-alarm { color: #7a0014; background: #fdecee; padding: 4px 8px; }
</style>"""
# A widget's still picture and, as the next output, its live view: one of the two is seen. A view
# that was saved and has lost its kernel would say "model not found". JupyterLab names what it
# renders, but for views.
STILL_STYLE = """<style>
.jp-OutputArea-child:has(.vi-still):has(+ * .vi-panel) { display: none; }
.jp-OutputArea-child:has(.vi-still)
    + :has(> .jp-OutputArea-output:not([data-mime-type])):not(:has(.vi-panel)) { display: none; }
</style>"""
# a picture of one pixel
_NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

# Runs on a widget's root; NARROW is in CSS pixels.
SCRIPT = """
const NARROW = 560;
const update = records => {
    const slid = records.some(record => record.type === 'attributes');
    for (const row of root.querySelectorAll('.vi-number')) {
        const handle = row.querySelector('.noUi-handle, .ui-slider-handle');
        const label = row.querySelector('.widget-label'), box = row.querySelector('input');
        if (!handle || !label || !box) continue;
        const unit = row.querySelector('.vi-unit')?.textContent.trim() ?? '';
        const shown = slid ? row.querySelector('.widget-readout')?.textContent : box.value;
        const [name, text] = [label.textContent.trim(), `${shown} ${unit}`.trim()];
        const said = {'aria-label': name, 'aria-valuetext': text, role: 'slider'};
        for (const [key, value] of Object.entries(said))
            handle.setAttribute(key, value);
        if (!handle.matches('.noUi-handle')) handle.setAttribute('aria-valuenow', box.value);
        box.setAttribute('aria-label', unit ? `${name}, ${unit}` : name);
    }
    for (const group of root.querySelectorAll('.widget-toggle-buttons')) {
        group.setAttribute('role', 'group');
        group.setAttribute('aria-label', group.querySelector('.widget-label')?.textContent ?? '');
        for (const button of group.querySelectorAll('button'))
            button.setAttribute('aria-pressed', button.matches('.mod-active'));
    }
    root.querySelector('.vi-says .widget-html-content')?.setAttribute('role', 'status');
    const width = root.querySelector('.vi-width input'), narrow = root.clientWidth < NARROW ? 1 : 0;
    if (width && root.clientWidth && +width.value !== narrow) {
        width.value = narrow;
        width.dispatchEvent(new Event('change', {bubbles: true}));
    }
    observer.takeRecords();
};
const observer = new MutationObserver(update);
// Arrows move a slider, not the notebook's selection; the notebook's other keys stay its own.
window.addEventListener('keydown', event => {
    if (root.contains(event.target) && event.target.matches('[role=slider], select'))
        event.target.toggleAttribute('data-lm-suppress-shortcuts', event.key.startsWith('Arrow'));
}, true);
const watched = ['aria-valuetext', 'class'];
observer.observe(root, {childList: true, subtree: true, attributeFilter: watched});
new ResizeObserver(() => update([])).observe(root);
update([]);
"""


def run(script):
    """HTML that runs a script once on the widget in which it stands; `root` is that widget's
    outermost element."""
    start = (
        "(function start(here, tries) { const root = here.closest('.vi-panel');"
        "if (!root) return tries && setTimeout(start, 50, here, tries - 1);"
        f"{script} }})(this, 200)"
    )
    return f'<img alt="" hidden src="{_NOTHING}" onload="{html.escape(start)}">'
