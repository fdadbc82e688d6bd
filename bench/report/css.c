/* css.c - how the page looks: on a phone, on a wide screen, in the dark, in print. */
#include "bench/report/css.h"

#include "bench/report/style.h"

static const char light[] =
    "--paper:#fdfdfb;--card:#f5f5f1;--ink:#1c2025;--soft:#5a626c;--rule:#dcdcd4;--grid:#e3e3dc;"
    "--axis:#7b828c;--link:#0064a0;--bad:#a3201a;--good:#23691a;";
static const char dark[] =
    "--paper:#14171b;--card:#1c2025;--ink:#e6e8eb;--soft:#a2aab4;--rule:#343a42;--grid:#2b3037;"
    "--axis:#8a929d;--link:#6cb4ff;--bad:#ff9a91;--good:#8fd67c;";

static const char text_rules[] =
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:break-word;"
    "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif}\n"
    "main,header,footer,nav{max-width:74rem;margin:0 auto;padding:0 1rem}\n"
    "header{padding-top:2.5rem}\n"
    "h1{font-size:2rem;line-height:1.15;letter-spacing:-.02em;margin:0 0 .5rem}\n"
    "h2{font-size:1.4rem;letter-spacing:-.01em;margin:3.5rem 0 .75rem;padding-top:.75rem;"
    "border-top:2px solid var(--ink)}\n"
    "h3{font-size:1.1rem;margin:2.25rem 0 .25rem}\n"
    "h4{font-size:.95rem;margin:1.5rem 0 0;color:var(--ink)}\n"
    "p{margin:.4rem 0 .8rem;max-width:46rem}\n"
    "a{color:var(--link)}\n"
    "small,.params{color:var(--soft);font-size:.82rem}\n"
    ".params{margin:.1rem 0 .4rem}\n"
    "code,pre{font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,\"DejaVu Sans Mono\",monospace}\n"
    "pre{background:var(--card);padding:.75rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;"
    "border-left:3px solid var(--rule);margin:.5rem 0}\n"
    "nav ol{list-style:none;padding:.6rem 0;margin:1.25rem 0 0;display:flex;flex-wrap:wrap;"
    "gap:.25rem 1.25rem;border-top:1px solid var(--rule);border-bottom:1px solid var(--rule)}\n"
    ".links{list-style:none;padding:0;margin:.5rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1rem}\n"
    "nav a,.links a{text-decoration:none}nav a:hover,.links a:hover{text-decoration:underline}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}\n"
    "dt{color:var(--soft)}dd{margin:0;min-width:0}\n"
    "footer{margin-top:4rem;padding-bottom:2rem;color:var(--soft);font-size:.85rem}\n";

static const char table_rules[] =
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}\n"
    "th,td{padding:.22rem .3rem;text-align:right;vertical-align:baseline;"
    "border-bottom:1px solid var(--rule)}\n"
    "th:first-child,caption{text-align:left}\n"
    "thead th{font-weight:500;color:var(--soft);font-size:.75rem}\n"
    "tbody th{font-weight:500}\n"
    "caption{padding:.3rem;line-height:1.3}caption span{color:var(--soft);font-size:.75rem;"
    "display:block}\n"
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));"
    "gap:1rem 2rem;align-items:start}\n"
    ".metric{font-size:.82rem;break-inside:avoid}\n"
    ".metric .spread{color:var(--soft);font-size:.75rem;white-space:nowrap}\n"
    ".failed{color:var(--bad);text-align:left}\n"
    ".tie{color:var(--soft);font-style:italic}\n"
    ".better{color:var(--good)}.worse{color:var(--bad)}\n"
    ".dot{display:inline-block;width:.55em;height:.55em;border-radius:50%;margin-right:.4em}\n"
    ".overview th small{display:block;font-weight:400}\n"
    ".overview th,.overview td{text-align:left;vertical-align:middle}\n"
    ".overview .strip{width:38%}.strip svg{display:block;width:100%;max-width:30rem}\n"
    ".rail{stroke:var(--rule);stroke-width:1}.one{stroke:var(--axis);stroke-width:1.5}\n"
    ".overview ul{list-style:none;margin:0;padding:0;font-size:.85rem}\n"
    ".compare td:first-child{text-align:left}\n"
    "@media(max-width:44rem){.overview thead{display:none}.overview th,.overview td{display:block;"
    "width:100%!important;border:0;padding:.1rem 0}.overview tr{display:block;"
    "border-bottom:1px solid var(--rule);padding:.5rem 0}"
    ".compare thead{display:none}.compare td{display:inline-block;border:0;text-align:left}"
    ".compare td:first-child{display:block}.compare td:nth-child(3)::before{content:\"\\2192\\a0\"}"
    ".compare tr{display:block;border-bottom:1px solid var(--rule);padding:.4rem 0}}\n";

static const char figure_rules[] =
    ".figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));"
    "gap:0 2.5rem;margin-top:1rem}\n"
    ".pairs{grid-template-columns:repeat(auto-fill,minmax(min(100%,28rem),1fr))}\n"
    "figure{margin:0 0 2rem;min-width:0;max-width:34rem;break-inside:avoid}\n"
    "@supports(grid-template-rows:subgrid){figure{display:grid;grid-row:span 4;"
    "grid-template-columns:minmax(0,1fr);grid-template-rows:subgrid;align-items:start}}\n"
    "figcaption b{display:block;font-weight:600;font-size:.92rem;line-height:1.3}\n"
    "figcaption span{display:block;color:var(--soft);font-size:.82rem;line-height:1.35}\n"
    "svg.plot{display:block;width:100%;max-width:27rem;height:auto;margin:.4rem "
    "0;font-family:inherit}\n"
    ".legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:.2rem 0;padding:0;"
    "font-size:.82rem}\n"
    ".legend li{display:flex;align-items:center;min-width:0}\n"
    ".key{width:30px;height:12px;flex:none;margin-right:.4rem}\n"
    "details{font-size:.82rem}summary{color:var(--soft);cursor:pointer}\n"
    ".data{max-width:24rem}.data tbody th{padding-top:.6rem;text-align:left}\n";

static const char print_rules[] =
    "@page{margin:15mm}\n"
    "@media print{body{font-size:10pt}nav,.links,details{display:none}h1{font-size:20pt}"
    "p{break-inside:avoid}h2,h2+p,h3,h3+p,h4,.params,caption{break-after:avoid}h2{margin-top:1."
    "5rem}"
    "figure{margin-bottom:.75rem}svg.plot{max-width:74mm;margin:.2rem 0}"
    ".legend,figcaption span,.metric{font-size:8pt}.grid{gap:.5rem 1.5rem}"
    "thead{display:table-header-group}tr,li{break-inside:avoid}"
    ".figures{grid-template-columns:1fr 1fr;gap:0 1.5rem}a{color:inherit}"
    "main,header,footer{max-width:none;padding:0}}\n";

void css_put(struct text *page)
{
    text_printf(page, ":root{color-scheme:light dark;%s", light);
    style_put_light(page);
    text_printf(page, "}\n@media screen and (prefers-color-scheme:dark){:root{%s", dark);
    style_put_dark(page);
    text_puts(page, "}}\n");
    text_puts(page, text_rules);
    text_puts(page, table_rules);
    text_puts(page, figure_rules);
    text_puts(page, print_rules);
}
