"""The report's page in a browser: its views of the method, and that everybody can read it."""

from pathlib import Path

import pytest

from command_kit import Shell
from test_report_html import needs_chromium, page_after_weeks, read_in_browser
from workspace_kit import HEAD

PROBE_OF_VIEWS = """<script>
const told=[], seen=()=>all.filter(k=>!k.hidden&&k.open).map(k=>k.id).join(), text=()=>f('what').textContent;
const press=view=>buttons.find(b=>b.value===view).click(), out=e=>getComputedStyle(e).display==='none';
told.push(f('views').hidden, seen()); press('check-in'); told.push(text(), seen(), out(document.querySelector('.ov')));
f('team').value='Web team'; f('team').dispatchEvent(new Event('input')); told.push(text(), seen(), location.hash);
location.hash='#_check-in/Board'; open(); told.push(text(), seen());
location.hash='#_one-on-one/Kim'; open(); told.push(f('found').textContent, text(), seen());
location.hash='#_one-on-one/Nobody'; open(); told.push(f('found').textContent, seen());
press(''); told.push(text(), seen());
location.hash='_adoption'; open();
told.push(out(document.querySelector('.tree')), out(document.querySelector('.adoption')));
document.body.dataset.told=told.join('|');
</script></body>"""


@needs_chromium
def test_meeting_and_one_on_one_are_views_of_the_page(shell: Shell, tmp_path: Path) -> None:
    page = page_after_weeks(shell)
    assert page.count("Where are we against expected?") == 3
    assert read_in_browser(page, PROBE_OF_VIEWS, tmp_path) == [
        *("false", ""),
        *("Check-in", "KR0,KR1,KR2", "true"),
        *("Check-in: Web team", "KR1,KR2", "#_check-in/Web%20team"),
        *("Check-in: Board", "KR0,KR1,KR2"),
        *("1 of 3 key results", "One-on-one: Kim", "KR1"),
        *("Nobody has no key results in this report.", ""),
        *("Objectives and key results", ""),
        *("true", "false"),
    ]


WITHOUT_FOCUS = "window without focus"
PROBE_OF_ACCESS = """<script>
for(const d of document.querySelectorAll('details')) d.open=true;
const told=[], seen=e=>e.checkVisibility?.()??true, every=s=>[...document.querySelectorAll(s)];
let last=1;
for(const h of every('h1,h2,h3,h4,[role=heading]').filter(seen)){
  const level=+(h.getAttribute('aria-level')||h.tagName[1]);
  if(level>last+1) told.push('skips to '+h.textContent); last=level}
told.push(every('h1').length, every('main').length, every('header').length, every('nav[aria-label]').length);
for(const e of every('button,select,input,[role=img],summary,nav'))
  if(!(e.getAttribute('aria-label')||e.textContent).trim()) told.push('no name: '+e.outerHTML.slice(0,60));
for(const e of every('th')) if(!e.scope) told.push('no scope: '+e.textContent);
if(!document.hasFocus()) told.length=0, told.push('window without focus');
else for(const e of every('button,select,input,summary').filter(seen)){
  e.focus({focusVisible:true}); const s=getComputedStyle(e);
  if(document.activeElement!==e||s.outlineStyle!=='solid') told.push('no focus: '+e.outerHTML.slice(0,60))}
const light=c=>c.match(/[\\d.]+/g).slice(0,3).map(v=>v/255)
  .map(v=>v<=.04045?v/12.92:((v+.055)/1.055)**2.4).reduce((a,v,i)=>a+v*[.2126,.7152,.0722][i],0);
const ground=e=>{for(;e;e=e.parentElement){const c=getComputedStyle(e).backgroundColor;
  if(c!=='rgba(0, 0, 0, 0)') return c}};
for(const e of every('main *').filter(seen)) if([...e.childNodes].some(n=>n.nodeType===3&&n.data.trim())){
  const s=getComputedStyle(e), [a,b]=[light(e.closest('svg')?s.fill:s.color),light(ground(e))].sort((x,y)=>y-x);
  if((a+.05)/(b+.05)<4.5) told.push('pale: '+e.textContent.slice(0,30))}
if(every('*').some(e=>{const s=getComputedStyle(e);
  return s.animationName!=='none'||parseFloat(s.transitionDuration)})) told.push('moves');
document.body.dataset.told=told.join('|');
</script></body>"""


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_the_page(shell: Shell, tmp_path: Path, scheme: str) -> None:
    page = page_after_weeks(shell).replace("(prefers-color-scheme:dark)", "all" if scheme == "dark" else "not all")
    output = [WITHOUT_FOCUS]
    for attempt in range(5):  # on a busy machine a headless window may not have the focus yet
        if output == [WITHOUT_FOCUS]:
            output = read_in_browser(page, PROBE_OF_ACCESS, tmp_path / str(attempt))
    assert output == ["1", "1", "1", "1"]


@pytest.mark.parametrize(("language", "output"), [("en", "still unknown"), ("zh-TW", "無資料")])
def test_a_value_that_stays_unknown_is_called_so(shell: Shell, language: str, output: str) -> None:
    text = f"language: {language}\ncheck_in: {{every: week}}\n{HEAD}objectives: {{O1: {{title: More, key_results: "
    Path("okrsync.yaml").write_text(f"{text}{{KR1: {{title: Sign, baseline: 0, target: 5}}}}}}}}\n", "utf-8")
    assert shell.run("init", "--sheet").code == 0
    shell.at("2026-11-09T09:30:00+08:00")
    shell.run("sync")
    shell.at("2026-11-16T09:30:00+08:00")
    shell.run("sync")
    agenda = shell.run("report", "--meeting").out
    assert output in agenda
    assert "still –" not in agenda
    assert "仍為 –" not in agenda
