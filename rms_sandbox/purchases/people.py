"""Invented people. The names say sample, test and example; the places are public ones."""

FAMILY_NAMES = (("見本", "ミホン"), ("試験", "シケン"), ("例題", "レイダイ"))
FIRST_NAMES = (("太郎", "タロウ", "男"), ("花子", "ハナコ", "女"))
# zip1, zip2, prefecture, city, town; the block numbers behind them do not exist.
PLACES = (
    ("100", "0001", "東京都", "千代田区", "千代田"),
    ("160", "0023", "東京都", "新宿区", "西新宿"),
    ("540", "0002", "大阪府", "大阪市中央区", "大阪城"),
    ("606", "8342", "京都府", "京都市左京区", "岡崎最勝寺町"),
    ("060", "0001", "北海道", "札幌市中央区", "北一条西"),
    ("460", "0001", "愛知県", "名古屋市中区", "三の丸"),
    ("810", "0001", "福岡県", "福岡市中央区", "天神"),
    ("730", "0011", "広島県", "広島市中区", "基町"),
    ("231", "0021", "神奈川県", "横浜市中区", "日本大通"),
    ("670", "0012", "兵庫県", "姫路市", "本町"),
    ("630", "8213", "奈良県", "奈良市", "登大路町"),
    ("900", "0021", "沖縄県", "那覇市", "泉崎"),
)
ISLAND = ("100", "2101", "東京都", "小笠原村父島", "東町")


def recipient(rng, place=None):
    """A SenderModel, which is the recipient although 送付者 suggests the sender."""
    family, family_kana = rng.choice(FAMILY_NAMES)
    first, first_kana, _sex = rng.choice(FIRST_NAMES)
    zip1, zip2, prefecture, city, town = place or rng.choice(PLACES)
    block = f"{rng.randint(90, 99)}-{rng.randint(90, 99)}"
    # Full-width digits and dashes are as usual in real addresses (RMS API section 9).
    style = rng.randrange(3)
    if style == 1:
        block = block.translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    building = f" 見本マンション{rng.randint(101, 909)}号" if style == 2 else ""
    return {
        "zipCode1": zip1,
        "zipCode2": zip2,
        "prefecture": prefecture,
        "city": city,
        "subAddress": f"{town}{block}{building}",
        "familyName": family,
        "firstName": first,
        "familyNameKana": family_kana,
        "firstNameKana": first_kana,
        "phoneNumber1": "03",
        "phoneNumber2": "0000",
        "phoneNumber3": f"{rng.randint(0, 9999):04d}",
        "isolatedIslandFlag": 1 if place is ISLAND else 0,
    }


def orderer(rng, person):
    """An OrdererModel of the same person; the mail address is a relay, new for each order."""
    model = {key: value for key, value in person.items() if key != "isolatedIslandFlag"}
    known = rng.random() < 0.7
    sex = next((s for name, _k, s in FIRST_NAMES if name == person["firstName"]), "-")
    model.update(
        emailAddress=f"{rng.getrandbits(64):016x}s1@relay.example.com",
        sex=sex if known else "-",
        birthYear=rng.randint(1950, 2005) if known else 0,
        birthMonth=rng.randint(1, 12) if known else 0,
        birthDay=rng.randint(1, 28) if known else 0,
    )
    return model


def waiting_recipient():
    """The dummy recipient of a social gift (RMS API section 3.7). Never ship to it."""
    names = dict.fromkeys(
        ("prefecture", "city", "subAddress", "familyName", "firstName"), "入力待ち"
    )
    return {
        "zipCode1": "999",
        "zipCode2": "9999",
        **names,
        "familyNameKana": "ニュウリョクマチ",
        "firstNameKana": "ニュウリョクマチ",
        "phoneNumber1": "999",
        "phoneNumber2": "9999",
        "phoneNumber3": "9999",
        "isolatedIslandFlag": 0,
    }
