// Pages made to cost a reader more than they weigh, for both ways in: raw HTML of about 1 MB (what libraries are known to hang on:
// nesting, unclosed formatting, attributes, foster parenting) and snapshots at the caps of the format. Name -> text.
const fill = (piece, bytes) => piece.repeat(Math.floor(bytes / Buffer.byteLength(piece)));
const MB = 1 << 20;

function attributes(count) {
  let out = '<div';
  for (let i = 0; i < count; i++) out += ` a${i}=1`;
  return `${out}>`;
}

export const hostileHtml = () => ({
  'nested div': fill('<div>', MB),
  'unclosed b': fill('<b>', MB),
  'formatting of many kinds': fill('<b><i><u><font color=a><a href=b><p>', MB),
  'attributes on one tag': attributes(110_000),
  'nested tables': fill('<table><tr><td>', MB),
  'svg and foreignObject': fill('<svg><foreignObject>', MB),
  'foster parenting': `<table>${fill('a<b>', MB)}`,
  'misnested formatting': fill('<a><b></a></b>', MB),
  'nested lists': fill('<ul><li>', MB),
  'nested forms': fill('<form><div>', MB),
  'nested select': fill('<select><option><optgroup>', MB),
  'nested template': fill('<template>', MB),
  'end tags alone': fill('</p></br></div>', MB),
  'comments that do not end': fill('<!--', MB),
  'angle brackets': fill('<', MB),
  'ampersands': fill('&am', MB),
  'script in script': fill('<script><!--<script>', MB),
  'many metas': fill('<meta charset=x>', MB),
});

const page = (body, data = '', head = '') => `<page v="1"><head>${head}</head><data>${data}</data><body>${body}</body></page>`;
const room = 510_000;
const product = '{"@type":"Product","name":"x","offers":{"price":"1.00","priceCurrency":"USD"}}';
const shop = `<script type="application/ld+json">${product}</script>`;

const deep = (levels, open, inside) => open.repeat(levels) + inside + '</div>'.repeat(levels);

export const hostileSnapshots = () => ({
  'elements at the cap': page(fill('<p/>', 390_000), shop),
  'levels at the cap': page(fill(deep(505, '<div>', 'x'), room), shop),
  'wide at the bottom': page(deep(505, '<div class="price seller">', fill('<i class="price">1</i>', 480_000)), shop),
  'attributes at the cap': page(fill(`<p ${Array.from({ length: 64 }, (_, i) => `a${i}=""`).join(' ')}/>`, room), shop),
  'distinct class names': page(Array.from({ length: 22_000 }, (_, i) => `<p class="c${i}"/>`).join(''), shop),
  'promises only': page(fill('<p>ships within 3 days. </p>', room), shop),
  'almost promises': page(`<p>${fill('ships within days delivery ', room)}</p>`, shop),
  'numbers only': page(`<p>${fill('1 ', room)}</p>`, shop),
  'prices only': page(fill('<b class="price">$1.00</b>', room), shop),
  'white space only': page(`<p>${fill(' \n', room)}</p>`, shop),
  'microdata around microdata': page(deep(500, '<div itemscope="" itemprop="a" itemtype="Product">', fill('<p itemprop="b"/>', 440_000)), ''),
  'microdata without text': page(deep(500, '<div itemprop="name">', fill('<p/>', 380_000)) , shop),
  'JSON-LD brackets': page('', `<script type="application/ld+json">${fill('[', room)}</script>`),
  'JSON-LD objects': page('', `<script type="application/ld+json">[${fill('{"@type":"Product"},', room)}{}]</script>`),
  'JSON-LD quotes': page('', `<script type="application/ld+json">{"a":"${fill('", ', room)}</script>`),
  'state blob named often': page('', `<script state="pageConfig">${fill('pageConfig={', room)}</script>`),
  'terms only': page(`<p>${fill('no refunds unless ', room)}</p>`, shop),
  'references only': page(`<p>${fill('&amp;', room)}</p>`, shop),
});
