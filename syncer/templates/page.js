const f=id=>document.getElementById('_'+id), $$=(selector,from=document)=>[...from.querySelectorAll(selector)];
const all=$$('details.k'), groups=$$('details.o'), spaces=$$('details.ws'), folds=$$('details.o,details.ws');
let texts; const words=k=>(texts??=new Map(all.map(k=>[k,(k.querySelector('.t').textContent+' '+k.dataset.team+' '+k.dataset.theme).toLowerCase()]))).get(k);
const cards=$$('[data-card]').map(card=>({card,lines:$$('[data-of]',card),button:card.querySelector('.all'),number:card.querySelector('[data-number]')}));
const lineOf=new Map(all.map(k=>[k.id,k])), heat=$$('[data-heat]'), teams=heat.map(row=>({row,cells:$$('.cells a',row).map(a=>({a,goal:document.getElementById(decodeURIComponent(a.hash.slice(1)))}))})), order=[...spaces], heatOrder=[...heat];
const picks=['ws','status','owner','team','theme'].filter(f), whose={'check-in':'team','one-on-one':'owner'};
const buttons=$$('button',f('views')), plain=f('what').textContent, legend=$$('.legend button');
const glance={progress:f('progress').textContent,expected:f('expected').textContent,share:f('share').style.width,due:f('due').style.left};
const SHOWN=3, MOST_OPENED=60, opened=new Set(); let view='', nobody='';
document.body.classList.add('scripted'); f('views').hidden=false;

/* A long page keeps the inside of its rows in templates, which cost nothing until a row is opened. */
function fill(d){for(const t of $$(':scope>template,:scope>.foot>template',d)) t.replaceWith(t.content)}

function matching(){
  const text=f('q').value.trim().toLowerCase(), on=picks.filter(id=>f(id).value&&id!=='team').map(id=>[id,f(id).value]);
  const team=f('team')?.selectedOptions[0].dataset.shown, below=team&&new Set(JSON.parse(team));
  const any=!!(text||on.length||below||nobody||view in whose);
  return [any,k=>!nobody&&(!text||words(k).includes(text))&&(!below||below.has(k.dataset.team))&&on.every(([id,value])=>k.dataset[id]===value)&&(!(view in whose)||'asked' in k.dataset)];
}

function show(){
  const [any,ok]=matching(), shown=new Set();
  for(const k of all){
    const good=ok(k); if(k.hidden===good) k.hidden=!good;
    if(good){shown.add(k); if(view in whose){fill(k); k.open=true; k.querySelector('.m').open=true}}
  }
  for(const g of folds.slice().reverse()) g.hidden=any&&![...g.children].some(c=>c.matches('details.k,details.o')&&!c.hidden);
  if(view in whose) for(const g of groups) g.classList.toggle('bare',![...g.children].some(c=>c.matches('details.k')&&!c.hidden));
  const few=shown.size<=MOST_OPENED;
  if(any&&few||view in whose) for(const g of folds) if(!g.hidden&&(few||!g.matches('.ws'))) g.open=true;
  for(const {row,cells} of teams){
    for(const {a,goal} of cells) if(goal&&a.hidden!==goal.hidden) a.hidden=goal.hidden;
    row.hidden=any&&cells.every(({a})=>a.hidden);
  }
  for(const {card,lines,button,number} of cards){
    const seen=lines.filter(li=>shown.has(lineOf.get(li.dataset.of))), some=new Set(opened.has(card)?seen:seen.slice(0,SHOWN));
    for(const li of lines){const good=some.has(li); if(li.hidden===good) li.hidden=!good}
    card.hidden=!seen.length; number.textContent=seen.length;
    button.hidden=some.size===seen.length;
  }
  totals(shown,any);
  const note=f('found'); note.hidden=!any||!nobody&&shown.size===all.length;
  note.textContent=nobody?note.dataset.nobody.replace('{}',nobody):shown.size?note.dataset.some.replace('{}',shown.size).replace('{}',all.length):note.dataset.none;
}

function totals(shown,any){
  const counts={}; let rose=0, fell=0;
  for(const k of shown){counts[k.dataset.status]=(counts[k.dataset.status]||0)+1; const t=+k.dataset.trend; rose+=t>0; fell+=t<0}
  const dropped=counts.dropped||0;
  f('rose').textContent=rose; f('fell').textContent=fell; f('level').textContent=shown.size-dropped-rose-fell;
  for(const b of legend){const n=counts[b.value]||0; b.querySelector('b').textContent=n; b.setAttribute('aria-pressed',f('status').value===b.value)}
  for(const i of $$('[data-count]')){const n=counts[i.dataset.count]||0; i.style.flex=n+' 0 0'; i.hidden=!n}
  const known=any?groups.filter(g=>!g.hidden&&g.dataset.share):[], mean=name=>known.reduce((sum,g)=>sum+ +g.dataset[name],0)/known.length;
  const share=any&&known.length?mean('share'):null, due=share===null?null:mean('due');
  f('progress').textContent=share===null?glance.progress:Math.round(share)+'%';
  f('expected').textContent=share===null?glance.expected:f('expected').dataset.text.replace('{}',Math.round(due)+'%');
  f('share').style.width=share===null?glance.share:share+'%'; f('due').style.left=share===null?glance.due:due+'%';
  f('overall').hidden=share!==null;
}

function sort(){
  const by=f('sort').value, rank=new Map(spaces.map(s=>[s.id,by==='name'?s.dataset.name:by?+s.dataset[by]:0]));
  const compare=by==='name'?(a,b)=>a.localeCompare(b):(a,b)=>a-b;
  const sorted=by?order.slice().sort((a,b)=>compare(rank.get(a.id),rank.get(b.id))):order;
  arrange(sorted);
  const place=new Map(sorted.map((s,i)=>[s.id,i]));
  arrange(by?heatOrder.slice().sort((a,b)=>place.get('_'+a.dataset.heat)-place.get('_'+b.dataset.heat)):heatOrder);
}
/* Moves only what is out of place: a move costs as much as its whole subtree. */
function arrange(wanted){
  const known=new Set(wanted), next=one=>{while(one&&!known.has(one)) one=one.nextElementSibling; return one};
  let at=next(wanted[0]?.parentElement.firstElementChild);
  for(const one of wanted) if(one===at) at=next(at.nextElementSibling); else at.before(one);
}

function clear(){f('q').value=''; nobody=''; for(const id of picks) f(id).value=''}
function look(next,who){
  const pick=f(whose[next]); if(view!==next) clear();
  nobody='';
  if(who!==undefined&&who!==''){const known=pick&&[...pick.options].some(o=>o.value===who); if(pick) pick.value=known?who:''; if(!known&&!all.some(k=>k.dataset[whose[next]]===who)) nobody=who}
  if(view in whose&&!(next in whose)) for(const k of all){k.open=false; const m=k.querySelector('.m'); if(m) m.open=false}
  view=next; if(view) document.body.dataset.view=view; else delete document.body.dataset.view;
  for(const b of buttons) b.setAttribute('aria-pressed',b.value===view);
  const about=nobody||pick?.value;
  f('what').textContent=view?buttons.find(b=>b.value===view).textContent+(about?f('views').dataset.colon+about:''):plain; show();
}
function go(next){const who=f(whose[next])?.value; location.hash=next?'_'+next+(who?'/'+encodeURIComponent(who):''):''; look(next,who)}
function open(){
  const name=decodeURIComponent(location.hash.slice(1)), [next,...who]=name.split('/');
  if(next[0]==='_'&&buttons.some(b=>b.value&&b.value===next.slice(1))) return look(next.slice(1),who.join('/'));
  const k=document.getElementById(name); if(!k||!k.matches('details')) return;
  if(view) look('');
  if(k.hidden){clear(); show()}
  for(let d=k;d;d=d.parentElement.closest('details')) d.open=true;
  k.scrollIntoView(); k.querySelector('summary').focus({preventScroll:true});
}

for(const b of buttons) b.addEventListener('click',()=>{clear(); if(b.value==='one-on-one'&&f('owner')) f('owner').selectedIndex=1; go(b.value)});
for(const b of legend) b.addEventListener('click',()=>{f('status').value=f('status').value===b.value?'':b.value; show()});
for(const {card,button} of cards) button.addEventListener('click',()=>{opened.add(card); show()});
for(const id of ['q',...picks]) f(id).addEventListener('input',()=>{nobody=''; id===whose[view]?go(view):show()});
f('sort')?.addEventListener('input',sort);
f('filters').addEventListener('submit',e=>e.preventDefault());
f('narrow').addEventListener('click',e=>e.target.setAttribute('aria-expanded',f('filters').classList.toggle('open')));
f('fold').addEventListener('click',e=>{const b=e.target, to=!folds.some(g=>g.open); for(const g of folds) g.open=to; b.textContent=to?b.dataset.close:b.dataset.open});
document.addEventListener('toggle',e=>fill(e.target),true);
addEventListener('hashchange',open); show(); open();
addEventListener('click',e=>{const a=e.target.closest('a[href^="#"]'); if(a&&a.hash===location.hash) open()});
addEventListener('beforeprint',()=>{const some=all.filter(k=>!k.hidden); for(const d of [...folds,...(some.length>MOST_OPENED?[]:some)]){fill(d); d.open=true}});
