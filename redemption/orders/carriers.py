"""Tracking pages of carriers."""

import re
from urllib.parse import quote

# Keys are prefixes of carrier names, lowercase letters and digits only; the first match is used.
PAGES = {
    "amazon": "https://track.amazon.com/tracking/{number}",
    "australiapost": "https://auspost.com.au/mypost/track/details/{number}",
    "auspost": "https://auspost.com.au/mypost/track/details/{number}",
    "bluedart": "https://www.bluedart.com/trackdartresultthirdparty?trackFor=0&trackNo={number}",
    "canadapost": "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}",
    "correios": "https://rastreamento.correios.com.br/app/index.php?objetos={number}",
    "correos": "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={number}",
    "deutschepost": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={number}",
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{number}",
    "evri": "https://www.evri.com/track/parcel/{number}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={number}",
    "gls": "https://gls-group.com/track/{number}",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
    "indiapost": "https://www.indiapost.gov.in/_layouts/15/DOP.Portal.Tracking/TrackConsignment.aspx?q={number}",
    "japanpost": "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1={number}",
    "laposte": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "colissimo": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "posteitaliane": "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{number}",
    "royalmail": "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
    "sagawa": "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo={number}",
    "sf": "https://www.sf-express.com/we/ow/chn/en/waybill/waybill-detail/{number}",
    "ups": "https://www.ups.com/track?tracknum={number}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
    "yamato": "https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id={number}",
}
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{3,60}")


def tracking_url(carrier: str, number: str) -> str:
    """Return the carrier's tracking page of the parcel; empty if the carrier or the format of the number is unknown."""
    name = re.sub(r"[^a-z0-9]", "", carrier.lower())
    page = next((page for begins, page in PAGES.items() if name.startswith(begins)), "")
    if not page or not NUMBER.fullmatch(number):
        return ""
    return page.format(number=quote(re.sub(r"[ -]", "", number)))
