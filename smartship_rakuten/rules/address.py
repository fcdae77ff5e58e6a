"""Persons and addresses of an order (RMS API sections 3.2 and 3.7)."""

import hashlib
import re
import unicodedata

#: JIS codes of the prefectures, which Odoo's states carry as ``JP-01`` … ``JP-47``.
PREFECTURES = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 "
    "神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 "
    "大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 "
    "福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
).split()

#: The same in Latin letters, as international checkouts write them.
_LATIN = (
    "hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba "
    "tokyo kanagawa niigata toyama ishikawa fukui yamanashi nagano gifu shizuoka aichi mie shiga "
    "kyoto osaka hyogo nara wakayama tottori shimane okayama hiroshima yamaguchi tokushima kagawa "
    "ehime kochi fukuoka saga nagasaki kumamoto oita miyazaki kagoshima okinawa"
).split()

#: The many signs that buyers type for a minus, as they remain after NFKC.
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−─━", "-"))

#: Numerals that are one only where a house is counted: 三田 is none.
KANJI_NUMERALS = "〇一二三四五六七八九十百千"
_KANJI_NUMBER = re.compile(rf"[{KANJI_NUMERALS}]{{1,8}}(?=丁目|番(?![町丁])|号|条|地割|[-－−])")

#: What a social gift carries until its receiver has entered an address.
PENDING = "入力待ち"


def _join(person, keys, separator):
    parts = (person.get(key) for key in keys)
    return separator.join(filter(None, (str(part).strip() for part in parts if part is not None)))


def full_name(person):
    """Family name, blank, first name."""
    return _join(person, ("familyName", "firstName"), " ")


def kana(person):
    return _join(person, ("familyNameKana", "firstNameKana"), " ")


def phone(person):
    return _join(person, ("phoneNumber1", "phoneNumber2", "phoneNumber3"), "-")


def place(person, separator=""):
    """Prefecture, city and the rest of the address in one line."""
    return _join(person, ("prefecture", "city", "subAddress"), separator)


def folded(person):
    """Prefecture, city and the rest as a label has them: what the buyer has entered again in the
    next field stands there once.

    :param dict person: values may be of any kind
    :return: list of three texts
    """
    keys = ("prefecture", "city", "subAddress")
    prefecture, city, rest = (_join(person, (key,), "") for key in keys)
    city = _without(city, prefecture)
    for known in (prefecture, city):
        rest = _without(rest, known)
    return [prefecture, city, rest]


def _without(text, head):
    return text.removeprefix(head).strip() if head else text


def is_doubled(person):
    """Whether prefecture or city were entered twice."""
    return "".join(folded(person)) != place(person)


def lacks_number(person):
    """Whether nothing after the prefecture is a house number, in digits of any script, and nothing
    says that there is none (番外地, 無番地)."""
    text = "".join(folded(person)[1:])
    known = any(char.isdigit() for char in text) or _KANJI_NUMBER.search(text)
    return not known and not re.search("番外地|無番地|番地なし", text)


def zip_code(person):
    """``NNN-NNNN``, also from full-width digits; anything else as it was entered."""
    written = _join(person, ("zipCode1", "zipCode2"), "-")
    digits = "".join(char for char in unicodedata.normalize("NFKC", written) if char.isdigit())
    return f"{digits[:3]}-{digits[3:]}" if len(digits) == 7 else written


def prefecture_code(person):
    """``JP-13`` for 東京都, 東京, Tokyo, TOKYO-TO or Tōkyō; '' for 国外 and anything else."""
    return _PREFECTURE_CODES.get(_fold_prefecture(str(person.get("prefecture") or "")), "")


def prefecture_name(code):
    """東京都 for ``13`` or ``JP-13``, as Odoo codes Japan's prefectures; '' for others."""
    number = re.fullmatch(r"(?:JP-)?([0-9]{2})", code or "")
    return dict(enumerate(PREFECTURES, start=1)).get(int(number[1]), "") if number else ""


def _fold_prefecture(name):
    """Without width, case, length marks and blanks, and without 都府県 or its Latin suffix."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = unicodedata.normalize("NFC", re.sub(r"\s+", "", plain))
    return re.sub(r"(?<=.{2})[都府県]$|-(to|do|fu|ken|prefecture)$", "", plain)


_PREFECTURE_CODES = {
    _fold_prefecture(name): f"JP-{number:02d}"
    for names in (PREFECTURES, _LATIN)
    for number, name in enumerate(names, start=1)
}


def carrier_text(text):
    """A text as carriers print it: full-width letters and digits, half-width kana and the many
    minus signs folded; the buyer's own spelling stays with the order.

    ``１−２ー３`` becomes ``1-2-3``; a ー within kana is a long vowel and stays.
    """
    folded = unicodedata.normalize("NFKC", text or "").translate(_HYPHENS)
    return re.sub(r"(?<=[0-9A-Za-z])ー", "-", folded)


def is_pending(person):
    """Whether this is a social gift's dummy address, which nothing may be sent to.

    999 alone is no sign: post codes of Yamagata begin with it.
    """
    if (person.get("zipCode1"), person.get("zipCode2")) == ("999", "9999"):
        return True
    return PENDING in map(person.get, ("prefecture", "city", "subAddress", "familyName"))


def is_complete(person):
    """Whether a parcel could be addressed: a name, a place and no dummy."""
    return bool(
        full_name(person)
        and (person.get("city") or person.get("subAddress"))
        and not is_pending(person)
    )


def normalize(text):
    """Fold width, case, the minus signs and blanks, for comparing only."""
    folded = carrier_text(text).replace("ー", "-").casefold()
    return "".join(folded.split())


def identity(person):
    """A digest that is equal for the same person at the same address.

    The mail address is left out: it is a relay address that changes with every order.
    """
    parts = (
        full_name(person),
        zip_code(person),
        place(person),
        phone(person),
    )
    text = "|".join(normalize(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
