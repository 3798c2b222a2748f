"""Mail services that strangers share."""

# Their domains are shared by strangers: one of them says nothing about who belongs together.
PUBLIC_DOMAINS = frozenset(
    "gmail.com googlemail.com yahoo.co.jp ymail.ne.jp yahoo.com outlook.com outlook.jp hotmail.com"
    " hotmail.co.jp live.jp live.com msn.com icloud.com me.com mac.com aol.com gmx.com proton.me"
    " protonmail.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp ymobile.ne.jp"
    " nifty.com biglobe.ne.jp so-net.ne.jp ocn.ne.jp plala.or.jp".split()
)
